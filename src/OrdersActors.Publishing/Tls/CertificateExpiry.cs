using System.Security.Cryptography.X509Certificates;

namespace OrdersActors.Publishing.Tls;

/// <summary>Decides when to warn that a certificate expires soon. Not thread-safe.</summary>
internal sealed class CertificateExpiry(TimeProvider time)
{
    /// <summary>The time before the expiry from which on there are warnings.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromDays(14);

    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    private string? _warned;
    private long _warnedAt;

    /// <summary>
    /// Returns the time until the certificate expires, negative if it has expired, if a warning is due now: at most
    /// once a day for the same certificate. Otherwise returns null.
    /// </summary>
    public TimeSpan? Check(X509Certificate2 certificate)
    {
        var left = new DateTimeOffset(certificate.NotAfter) - time.GetUtcNow();
        if (left > Notice
            || (_warned == certificate.Thumbprint && time.GetElapsedTime(_warnedAt) < Interval))
        {
            return null;
        }

        (_warned, _warnedAt) = (certificate.Thumbprint, time.GetTimestamp());
        return left;
    }
}
