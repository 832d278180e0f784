using OrdersActors.Storage;
using OrdersActors.Storage.ApiKeys;

namespace OrdersActors.Server.Commands.Keys;

/// <summary>
/// Logs each change that a command has made, in one line on stderr in the format of the server's log. The operator
/// can keep it. The servers log the change of a key that they use as well (1250). No line contains a secret or
/// a whole key.
/// </summary>
internal static partial class KeyChangeLog
{
    public static void Created(NewApiKey key, ApiKeySettings settings) => Write(logger => LogCreated(
        logger, ApiKeyText.Shorten(key.Key), key.OrganizationId, ApiKeyText.Name(settings.Access),
        ApiKeyText.Expiry(settings.ExpiresAt)));

    public static void Updated(ApiKeyInfo key) => Write(logger => LogUpdated(
        logger, ApiKeyText.Shorten(key.Key), key.OrganizationId, ApiKeyText.Name(key.Access),
        ApiKeyText.Expiry(key.ExpiresAt)));

    public static void Rotated(ApiKeyInfo key) => Write(logger => LogRotated(
        logger, ApiKeyText.Shorten(key.Key), key.OrganizationId, key.Secrets[0].Id));

    public static void RotationEnded(ApiKeyInfo key, bool isFinished) => Write(logger =>
    {
        var (shown, secret) = (ApiKeyText.Shorten(key.Key), key.Secrets[0].Id);
        if (isFinished)
        {
            LogFinished(logger, shown, key.OrganizationId, secret);
        }
        else
        {
            LogCancelled(logger, shown, key.OrganizationId, secret);
        }
    });

    public static void Revoked(string key, string organizationId) =>
        Write(logger => LogRevoked(logger, ApiKeyText.Shorten(key), organizationId));

    private static void Write(Action<ILogger> log)
    {
        using var loggers = CommandLog.Create();
        log(loggers.CreateLogger(typeof(KeysCommand).FullName!));
    }

    [LoggerMessage(1610, LogLevel.Information,
        "Created the key {Key} of {OrganizationId}: access {Access}, expiry {Expiry}")]
    private static partial void LogCreated(
        ILogger logger, string key, string organizationId, string access, string expiry);

    [LoggerMessage(1611, LogLevel.Information,
        "Updated the key {Key} of {OrganizationId}: access {Access}, expiry {Expiry}")]
    private static partial void LogUpdated(
        ILogger logger, string key, string organizationId, string access, string expiry);

    [LoggerMessage(1612, LogLevel.Information,
        "Began to rotate the key {Key} of {OrganizationId}: secret {SecretId} is valid in addition")]
    private static partial void LogRotated(ILogger logger, string key, string organizationId, int secretId);

    [LoggerMessage(1613, LogLevel.Information,
        "Finished the rotation of the key {Key} of {OrganizationId}: only secret {SecretId} is valid")]
    private static partial void LogFinished(ILogger logger, string key, string organizationId, int secretId);

    [LoggerMessage(1614, LogLevel.Information,
        "Cancelled the rotation of the key {Key} of {OrganizationId}: only secret {SecretId} is valid")]
    private static partial void LogCancelled(ILogger logger, string key, string organizationId, int secretId);

    [LoggerMessage(1615, LogLevel.Information, "Revoked the key {Key} of {OrganizationId}")]
    private static partial void LogRevoked(ILogger logger, string key, string organizationId);
}
