using System.Buffers;
using System.IO.Pipelines;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrdersActors.Http.Limits;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Publishing;

/// <summary>
/// The whole body of a request in one piece of memory, at most <see cref="HttpOptions.MaxBodyBytes"/>. A small body
/// stays in the server's own buffer and is not copied.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    // The text in the buffer, and once more as strings with two bytes for each character.
    private const int MemoryFactor = 3;

    private readonly PipeReader _reader;
    private readonly SequencePosition _end;
    private readonly byte[]? _copy;

    private RequestBody(PipeReader reader, in ReadOnlySequence<byte> body)
    {
        (_reader, _end) = (reader, body.End);
        if (body.IsSingleSegment)
        {
            Bytes = body.First;
        }
        else
        {
            _copy = ArrayPool<byte>.Shared.Rent((int)body.Length);
            body.CopyTo(_copy);
            Bytes = _copy.AsMemory(0, (int)body.Length);
        }
    }

    /// <summary>The body, valid UTF-8, without a byte-order mark. Valid until the body is disposed of.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>The memory that a body of this length takes while its events are stored.</summary>
    public static long MemoryOf(long length) => MemoryFactor * length;

    /// <summary>Limits the size of a request's body. Kestrel then refuses a longer one while it is read.</summary>
    /// <exception cref="ProblemException">413: the request announces a longer body.</exception>
    public static void Limit(HttpContext context, long maxBytes)
    {
        if (context.Request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = maxBytes;
        }
    }

    /// <exception cref="ProblemException">
    /// 413: the body is too long. 503: the bodies take too much memory at the moment. 400: it is not UTF-8.
    /// </exception>
    public static async Task<RequestBody> ReadAsync(
        HttpContext context, int maxBytes, RequestGate.Admission admission)
    {
        Limit(context, maxBytes);
        admission.Reserve(MemoryOf(context.Request.ContentLength ?? 0));
        var reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(context.RequestAborted);
                try
                {
                    Check(read.Buffer.Length, maxBytes, admission);
                }
                catch (ProblemException)
                {
                    // Kestrel skips the rest of the body, which it can do only after a finished read.
                    reader.AdvanceTo(read.Buffer.End);
                    throw;
                }

                if (read.IsCompleted)
                {
                    return new RequestBody(reader, read.Buffer).Checked();
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge(maxBytes);
        }
    }

    public void Dispose()
    {
        _reader.AdvanceTo(_end);
        if (_copy is not null)
        {
            ArrayPool<byte>.Shared.Return(_copy);
        }
    }

    public static ProblemException TooLarge(long maxBytes) =>
        new(413, ProblemCode.TooLarge, $"the body must have at most {maxBytes} bytes");

    private static void Check(long length, int maxBytes, RequestGate.Admission admission)
    {
        if (length > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        admission.Reserve(MemoryOf(length));
    }

    private RequestBody Checked()
    {
        Bytes = Bytes.Span.StartsWith("\uFEFF"u8) ? Bytes[3..] : Bytes;
        if (Utf8.IsValid(Bytes.Span))
        {
            return this;
        }

        Dispose();
        throw new ProblemException(400, ProblemCode.InvalidEvent, "the body must be UTF-8, is not");
    }
}
