using System.Buffers.Text;
using System.Security.Cryptography;

namespace OrdersActors.Storage.EventLog;

/// <summary>Makes names of epochs, the same for every implementation of the log.</summary>
internal static class LogEpoch
{
    /// <summary>48 random bits as 8 characters of base64url: no epoch of a log comes twice.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(6));
}
