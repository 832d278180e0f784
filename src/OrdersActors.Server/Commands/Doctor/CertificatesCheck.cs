using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrdersActors.Publishing;
using OrdersActors.Publishing.Tls;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Doctor;

/// <summary>
/// Checks the certificates of the inner ports and of the web server: that the files can be read, that key and
/// certificate belong together, that an authority of the cluster has issued them, and that they are valid.
/// </summary>
internal static class CertificatesCheck
{
    private const string FixExpiry =
        "issue a new certificate and replace the file; a running server loads it without a restart";

    public static void Run(DoctorContext context, Findings findings)
    {
        if (context.Options is { Tls: { } tls })
        {
            CheckInner(tls, context.HasStorage, findings);
        }

        foreach (var endpoint in context.Configuration.GetSection("Kestrel:Endpoints").GetChildren()
            .Select(endpoint => endpoint.GetSection("Certificate")).Append(
                context.Configuration.GetSection("Kestrel:Certificates:Default")))
        {
            if (endpoint["Path"] is { Length: > 0 } file)
            {
                CheckWeb(endpoint, file, findings);
            }
        }

        if (findings.All.Count == 0)
        {
            findings.Skip("no certificate is configured");
        }
    }

    private static void CheckInner(OrderTlsOptions tls, bool isServer, Findings findings)
    {
        try
        {
            var files = new TlsFiles(tls, ServerTls.Section + ":", isServer);
            CheckTime($"{ServerTls.Section}:{nameof(OrderTlsOptions.CertificateFile)}",
                files.Parse(files.Read()).Certificate, findings);
        }
        catch (InvalidDataException e)
        {
            findings.Report(e.Message, "replace the file that the line names, or correct the setting");
        }
    }

    private static void CheckWeb(IConfigurationSection setting, string file, Findings findings)
    {
        try
        {
            // Kestrel reads PEM if a key is named or the file is PEM, and PKCS#12 otherwise.
            using var certificate = setting["KeyPath"] is { Length: > 0 } key
                ? setting["Password"] is { Length: > 0 } password
                    ? X509Certificate2.CreateFromEncryptedPemFile(file, password, key)
                    : X509Certificate2.CreateFromPemFile(file, key)
                : X509CertificateLoader.LoadPkcs12FromFile(file, setting["Password"]);
            CheckTime($"{setting.Path}:Path", certificate, findings);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException
            or UnauthorizedAccessException)
        {
            findings.Report(
                $"{setting.Path}:Path: {file} cannot be used: {ConsoleLogging.OneLine(e.Message)}",
                "replace the file, or correct KeyPath or Password beside it");
        }
    }

    private static void CheckTime(string setting, X509Certificate2 certificate, Findings findings)
    {
        var now = DateTime.UtcNow;
        var subject = $"{setting}: {PeerCertificate.Describe(certificate)}";
        var end = certificate.NotAfter.ToUniversalTime();
        if (end <= now)
        {
            findings.Report($"{subject} expired at {Text(end)}", FixExpiry);
        }
        else if (certificate.NotBefore.ToUniversalTime() is var begin && begin > now)
        {
            findings.Report($"{subject} is valid only from {Text(begin)}", "check the clock, or issue another one");
        }
        else if (end - now <= CertificateExpiry.Notice)
        {
            findings.Warn($"{subject} expires at {Text(end)}", FixExpiry);
        }
        else
        {
            findings.Ok($"{subject} is valid until {Text(end)}");
        }
    }

    private static string Text(DateTime time) =>
        time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
