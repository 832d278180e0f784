using System.Text;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

/// <summary>Reads a client's bytes with the real reader and records the result.</summary>
internal sealed class FrameLog(bool acceptsCompressed = false) : IFrameHandler
{
    public const int MaxBytes = 1000;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    public List<string> Seen { get; } = [];

    public int Continuations { get; private set; }

    /// <summary>
    /// Reads to the end. Returns the status that the connection must be closed with; 0 if the transport just ended.
    /// </summary>
    public async Task<int> ReadAsync(Stream stream)
    {
        using var reader = new MessageReader(
            new SocketInput(stream, TimeProvider.System), MaxBytes, this, acceptsCompressed);
        try
        {
            while (await reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Timeout))
            {
            }

            if (!reader.HasLeft)
            {
                Seen.Add($"close {reader.CloseStatus}");
            }

            return reader.CloseStatus;
        }
        catch (UnacceptableFrameException e)
        {
            return CloseReason.Of(e).Status;
        }
        catch (EndOfStreamException)
        {
            return 0;
        }
    }

    public Task OnMessageAsync(ReadOnlyMemory<byte> utf8)
    {
        Seen.Add(Encoding.UTF8.GetString(utf8.Span));
        return Task.CompletedTask;
    }

    public void OnContinuation() => Continuations++;

    public void OnPing(ReadOnlySpan<byte> payload) => Seen.Add($"ping {Encoding.UTF8.GetString(payload)}");

    public void OnPong() => Seen.Add("pong");
}
