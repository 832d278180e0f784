namespace OrdersActors.Publishing;

/// <summary>
/// The files of mutual TLS between servers, front ends and publishers. The same settings configure a server (section
/// <c>OrdersActors:Tls</c>) and a publisher (<see cref="OrderStatusPublisherOptions.Tls"/>).
/// </summary>
/// <remarks>
/// <para><b>Whom a process trusts.</b> The other side must present a certificate that an authority in
/// <see cref="AuthorityFile"/> has issued, that is valid now, and whose extended key usage, if it has one, permits its
/// role: server authentication for the side that was connected to, client authentication for the side that connects.
/// Names are not checked, because silos have changing addresses. So use an authority that issues certificates for this
/// cluster only. The authorities of the operating system are not trusted, and revocation lists are not used.</para>
/// <para><b>Replacing files.</b> The files are read again every two seconds. New content is used for new connections
/// when two readings in a row have found it. Content that cannot be used is logged once (1531), and the certificate in
/// use stays.</para>
/// </remarks>
public sealed class OrderTlsOptions
{
    /// <summary>
    /// The certificate of this process with its private key: a PKCS#12 file, or, if <see cref="KeyFile"/> is set, a PEM
    /// file. Required. Further certificates in the file are sent to the other side, which can so complete the chain.
    /// </summary>
    public string? CertificateFile { get; set; }

    /// <summary>The private key of a PEM certificate, a PEM file. Not set for PKCS#12.</summary>
    public string? KeyFile { get; set; }

    /// <summary>
    /// The password of the PKCS#12 file or of the encrypted PEM key; none by default. It is a secret and is never
    /// logged.
    /// </summary>
    public string? Password { get; set; }

    /// <summary>
    /// A PEM file with the certificates of the authorities that are trusted. Required. At least one must be a root,
    /// which is self-signed. Intermediate authorities in the file complete chains but are not trusted on their own.
    /// While an authority is replaced, the file holds the old and the new one.
    /// </summary>
    public string? AuthorityFile { get; set; }

    /// <summary>Returns the first missing property and the reason in one line, or null if the options are
    /// complete.</summary>
    internal string? FindProblem() =>
        string.IsNullOrEmpty(CertificateFile)
            ? $"{nameof(CertificateFile)} is required, because other properties of TLS are set"
        : string.IsNullOrEmpty(AuthorityFile)
            ? $"{nameof(AuthorityFile)} is required: a PEM file with the authorities that are trusted"
        : null;
}
