using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace OrdersActors.Http.Authentication;

/// <summary>
/// Identifies credentials without containing them: an HMAC-SHA256 with a key that exists only in this process. So the
/// cache of authentications holds no secret, and its keys cannot be guessed from outside.
/// </summary>
internal readonly record struct CredentialsId(UInt128 High, UInt128 Low)
{
    /// <summary>Makes a key for <see cref="Of"/>.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(32);

    public static CredentialsId Of(ClientCredentials credentials, ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<string?> fields =
        [
            credentials.ApiKey, credentials.Secret, credentials.Signature, credentials.Token, credentials.Method,
            credentials.Path,
        ];
        var size = 0;
        foreach (var field in fields)
        {
            size += sizeof(int) + Encoding.UTF8.GetMaxByteCount(field?.Length ?? 0);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
            HMACSHA256.HashData(key, buffer.AsSpan(0, Write(fields, buffer)), hash);
            var halves = MemoryMarshal.Cast<byte, UInt128>(hash);
            return new CredentialsId(halves[0], halves[1]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>Writes each field after its length, so that different fields never give the same bytes.</summary>
    private static int Write(ReadOnlySpan<string?> fields, Span<byte> output)
    {
        var at = 0;
        foreach (var field in fields)
        {
            var length = field is null ? -1 : Encoding.UTF8.GetBytes(field, output[(at + sizeof(int))..]);
            BinaryPrimitives.WriteInt32LittleEndian(output[at..], length);
            at += sizeof(int) + Math.Max(0, length);
        }

        return at;
    }
}
