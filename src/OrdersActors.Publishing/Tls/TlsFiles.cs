using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OrdersActors.Publishing.Tls;

/// <summary>
/// Reads the files of <see cref="OrderTlsOptions"/>. Every fault is reported in one line that names the setting and the
/// file.
/// </summary>
internal sealed class TlsFiles
{
    /// <summary>
    /// The largest accepted file in bytes. A certificate has 1 to 4 KiB, so even a bundle of many authorities fits.
    /// </summary>
    public const int MaxBytes = 1024 * 1024;

    // ERROR_INVALID_PASSWORD, which .NET uses on every operating system.
    private const int WrongPassword = unchecked((int)0x80070056);

    private readonly string _certificateFile;
    private readonly string? _keyFile;
    private readonly string? _password;
    private readonly string _authorityFile;
    private readonly string _prefix;
    private readonly bool _isServer;

    /// <param name="options">The files; complete (<see cref="OrderTlsOptions.FindProblem"/>).</param>
    /// <param name="prefix">
    /// The text before the name of a setting in messages, such as <c>OrdersActors:Tls:</c>.
    /// </param>
    /// <param name="isServer">
    /// Whether the certificate also authenticates a server. Then it must permit both roles, and an authority in the
    /// same file must have issued it, because the servers of a cluster connect to each other.
    /// </param>
    public TlsFiles(OrderTlsOptions options, string prefix, bool isServer)
    {
        (_certificateFile, _authorityFile) = (options.CertificateFile!, options.AuthorityFile!);
        (_keyFile, _password) = (NullIfEmpty(options.KeyFile), NullIfEmpty(options.Password));
        (_prefix, _isServer) = (prefix, isServer);
    }

    /// <summary>Reads the files without interpreting them.</summary>
    /// <exception cref="InvalidDataException">A file cannot be read. The message names it.</exception>
    public TlsFileContents Read() => new(
        Read(nameof(OrderTlsOptions.CertificateFile), _certificateFile),
        _keyFile is null ? null : Read(nameof(OrderTlsOptions.KeyFile), _keyFile),
        Read(nameof(OrderTlsOptions.AuthorityFile), _authorityFile));

    /// <summary>Interprets the contents.</summary>
    /// <exception cref="InvalidDataException">A file cannot be used. The message names it.</exception>
    public TlsIdentity Parse(TlsFileContents contents)
    {
        var authorities = ParseAuthorities(contents.Authority);
        var (certificate, chain) = contents.Key is { } key
            ? ParsePem(contents.Certificate, key)
            : ParsePkcs12(contents.Certificate);
        var identity = new TlsIdentity(certificate, chain, authorities);
        if (FindProblem(identity) is { } problem)
        {
            throw Invalid(nameof(OrderTlsOptions.CertificateFile), problem);
        }

        return identity;
    }

    private string? FindProblem(TlsIdentity identity)
    {
        var subject = PeerCertificate.Describe(identity.Certificate);
        return !CertificateUse.Client.IsPermittedBy(identity.Certificate)
                ? $"{subject} in {_certificateFile} does not permit client authentication (extended key usage)"
            : !_isServer ? null
            : !CertificateUse.Server.IsPermittedBy(identity.Certificate)
                ? $"{subject} in {_certificateFile} does not permit server authentication (extended key usage)"
            : !identity.IsIssuedByOwnAuthority()
                ? $"{subject} in {_certificateFile} is not issued by an authority in {_authorityFile}"
            : null;
    }

    private X509Certificate2Collection ParseAuthorities(byte[] contents)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(Encoding.UTF8.GetString(contents));
        }
        catch (CryptographicException)
        {
            throw Invalid(
                nameof(OrderTlsOptions.AuthorityFile), $"{_authorityFile} has a certificate that cannot be read");
        }

        if (authorities.FirstOrDefault(certificate => !IsAuthority(certificate)) is { } other)
        {
            throw Invalid(
                nameof(OrderTlsOptions.AuthorityFile),
                $"{PeerCertificate.Describe(other)} in {_authorityFile} is not the certificate of an authority (CA)");
        }

        return authorities.Any(TlsIdentity.IsRoot)
            ? authorities
            : throw Invalid(
                nameof(OrderTlsOptions.AuthorityFile),
                $"{_authorityFile} holds no self-signed certificate of an authority in PEM form");
    }

    private (X509Certificate2 Certificate, X509Certificate2Collection Chain) ParsePem(byte[] contents, byte[] key)
    {
        var (text, keyText) = (Encoding.UTF8.GetString(contents), Encoding.UTF8.GetString(key));
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            throw Invalid(
                nameof(OrderTlsOptions.CertificateFile), $"{_certificateFile} has a certificate that cannot be read");
        }

        if (chain.Count == 0)
        {
            throw Invalid(
                nameof(OrderTlsOptions.CertificateFile), $"{_certificateFile} holds no certificate in PEM form");
        }

        chain.RemoveAt(0);
        return (ReadPem(text, keyText), chain);
    }

    private X509Certificate2 ReadPem(string text, string keyText)
    {
        var isEncrypted = keyText.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal);
        if (isEncrypted && _password is null)
        {
            throw Invalid(nameof(OrderTlsOptions.Password), $"{_keyFile} is encrypted and needs a password");
        }

        try
        {
            using var certificate = isEncrypted
                ? X509Certificate2.CreateFromEncryptedPem(text, keyText, _password)
                : X509Certificate2.CreateFromPem(text, keyText);
            // Windows cannot use a key for TLS that was read from PEM; a PKCS#12 copy in memory works everywhere.
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Invalid(
                nameof(OrderTlsOptions.KeyFile),
                $"{_keyFile} does not hold the private key of the first certificate in {_certificateFile} in PEM form"
                + (isEncrypted ? ", or the password is wrong" : ""));
        }
    }

    private (X509Certificate2 Certificate, X509Certificate2Collection Chain) ParsePkcs12(byte[] contents)
    {
        X509Certificate2Collection all;
        try
        {
            all = X509CertificateLoader.LoadPkcs12Collection(contents, _password);
        }
        catch (CryptographicException e) when (e.HResult == WrongPassword)
        {
            throw Invalid(nameof(OrderTlsOptions.Password), $"it is not the password of {_certificateFile}");
        }
        catch (CryptographicException)
        {
            throw Invalid(
                nameof(OrderTlsOptions.CertificateFile),
                $"{_certificateFile} is not a PKCS#12 file; a PEM certificate also needs "
                + $"{_prefix}{nameof(OrderTlsOptions.KeyFile)}");
        }

        var own = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw Invalid(
                nameof(OrderTlsOptions.CertificateFile), $"{_certificateFile} holds no certificate with a private key");
        all.Remove(own);
        return (own, all);
    }

    private byte[] Read(string setting, string file)
    {
        try
        {
            return new FileInfo(file).Length <= MaxBytes
                ? File.ReadAllBytes(file)
                : throw Invalid(setting, $"{file} has more than {MaxBytes} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid(setting, e is FileNotFoundException or DirectoryNotFoundException
                ? $"{file} does not exist"
                : $"{file} cannot be read");
        }
    }

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(basic => basic.CertificateAuthority);

    private InvalidDataException Invalid(string setting, string problem) => new($"{_prefix}{setting}: {problem}");

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
