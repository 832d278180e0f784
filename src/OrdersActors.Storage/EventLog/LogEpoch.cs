using System.Buffers.Text;
using System.Security.Cryptography;

namespace OrdersActors.Storage.EventLog;

/// <summary>Makes epoch names, in the same way for every implementation of the log.</summary>
internal static class LogEpoch
{
    /// <summary>48 random bits as 8 characters of base64url, so an epoch name never repeats in practice.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(6));
}
