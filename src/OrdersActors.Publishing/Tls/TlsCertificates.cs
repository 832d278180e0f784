using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrdersActors.Publishing.Tls;

/// <summary>The certificate in use and the trusted authorities, read again when their files change.</summary>
/// <remarks>
/// <para><b>Polling.</b> The files are read every two seconds and compared by their content. This needs no file
/// watches, which a machine may have used up, and it works with volumes that replace files by links. The files have a
/// few kilobytes.</para>
/// <para><b>Two readings.</b> New content is used or reported when two readings in a row have found it. So a file that
/// is half written, or a certificate whose key is written a moment later, is neither used nor reported.</para>
/// <para><b>Start.</b> The host's start or the first connection starts the polling, whichever is first: the start of
/// an Orleans client completes only when it has connected, perhaps with a certificate that was replaced
/// meanwhile.</para>
/// <para><b>Threads.</b> One task polls; handshakes on any thread read <see cref="Current"/>.</para>
/// </remarks>
internal sealed partial class TlsCertificates : IHostedService, IDisposable, IAsyncDisposable
{
    /// <summary>How often the files are read.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly TlsFiles _files;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CertificateExpiry _expiry;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopping;
    private readonly Lock _lock = new();

    // Written under the lock.
    private Task? _polling;

    // Volatile, because handshakes read it without a lock.
    private volatile TlsIdentity _current;

    // Each is the fingerprint of the files' contents, or the reason why they could not be read: of the contents in use,
    // of the last reading, and of the last unusable contents that were reported. Only the polling task uses them.
    private string _used;
    private string _seen;
    private string? _reported;

    private TlsCertificates(
        TlsFiles files, TlsFileContents contents, TlsIdentity first, TimeProvider time, ILogger logger)
    {
        (_files, _current, _time, _logger) = (files, first, time, logger);
        _expiry = new CertificateExpiry(time);
        _used = _seen = contents.Fingerprint;
        // A copy of the token, because the source's property throws after the source is disposed.
        _stopping = _stop.Token;
    }

    public TlsIdentity Current => _current;

    /// <summary>
    /// Reads the files now, so that a fault is reported before anything starts. The result creates the object when the
    /// clock and the log are available.
    /// </summary>
    /// <exception cref="InvalidDataException">A file cannot be used. The message names it and its setting.</exception>
    public static Func<TimeProvider, ILogger<TlsCertificates>, TlsCertificates> Load(TlsFiles files)
    {
        var contents = files.Read();
        var first = files.Parse(contents);
        return (time, logger) => new TlsCertificates(files, contents, first, time, logger);
    }

    /// <summary>Starts to poll. Further calls have no effect.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (!_stopping.IsCancellationRequested)
            {
                _polling ??= Task.Run(PollAsync);
            }
        }
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        Start();
        return Task.CompletedTask;
    }

    // Connections are made until the end, so the polling goes on until it is disposed.
    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        Task? polling;
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            _stop.Cancel();
            polling = _polling;
        }

        await (polling ?? Task.CompletedTask);
        _stop.Dispose();
    }

    private async Task PollAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(Interval, _time);
            WarnOfExpiry();
            while (await timer.WaitForNextTickAsync(_stopping))
            {
                Poll();
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    /// <summary>
    /// Reads the files once, and warns if the certificate expires soon. Must not be called while the object polls.
    /// </summary>
    internal void Poll()
    {
        ReadFiles();
        WarnOfExpiry();
    }

    private void ReadFiles()
    {
        TlsFileContents? contents = null;
        string found;
        try
        {
            contents = _files.Read();
            found = contents.Fingerprint;
        }
        catch (InvalidDataException e)
        {
            found = e.Message;
        }

        var isStable = found == _seen;
        _seen = found;
        if (found == _used)
        {
            _reported = null;
        }
        else if (isStable && found != _reported)
        {
            Use(contents, found);
        }
    }

    private void Use(TlsFileContents? contents, string found)
    {
        try
        {
            // Without contents, what was found is the reason.
            var next = contents is null ? throw new InvalidDataException(found) : _files.Parse(contents);
            (_current, _used, _reported) = (next, found, null);
            LogLoaded(PeerCertificate.Describe(next.Certificate), Utc(next.Certificate.NotAfter), next.RootCount);
        }
        catch (InvalidDataException e)
        {
            _reported = found;
            var current = _current.Certificate;
            LogUnusable(e.Message, PeerCertificate.Describe(current), Utc(current.NotAfter));
        }
    }

    private void WarnOfExpiry()
    {
        var certificate = _current.Certificate;
        switch (_expiry.Check(certificate))
        {
            case { } left when left > TimeSpan.Zero:
                LogExpires(PeerCertificate.Describe(certificate), Utc(certificate.NotAfter), (int)left.TotalDays);
                break;
            case not null:
                LogExpired(PeerCertificate.Describe(certificate), Utc(certificate.NotAfter));
                break;
        }
    }

    private static string Utc(DateTime time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    [LoggerMessage(1530, LogLevel.Information,
        "Loaded the TLS certificate {Subject}, valid until {NotAfter}, and {Authorities} trusted authorities. New "
        + "connections use them")]
    private partial void LogLoaded(string subject, string notAfter, int authorities);

    [LoggerMessage(1531, LogLevel.Error,
        "The changed TLS files cannot be used: {Problem}. The certificate {Subject}, valid until {NotAfter}, stays in "
        + "use")]
    private partial void LogUnusable(string problem, string subject, string notAfter);

    [LoggerMessage(1532, LogLevel.Warning,
        "The TLS certificate {Subject} expires at {NotAfter}, in {Days} days. Replace its file before; without a "
        + "restart, new connections then use it")]
    private partial void LogExpires(string subject, string notAfter, int days);

    [LoggerMessage(1533, LogLevel.Error,
        "The TLS certificate {Subject} has expired at {NotAfter}. Others refuse new connections until its file is "
        + "replaced")]
    private partial void LogExpired(string subject, string notAfter);
}
