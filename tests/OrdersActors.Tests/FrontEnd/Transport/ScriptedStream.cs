using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

/// <summary>
/// A socket whose client has sent pieces. Each read returns one piece at most. After the last piece, the client sends
/// nothing more or ends its side.
/// </summary>
internal sealed class ScriptedStream(IEnumerable<byte[]> pieces, bool ends = true) : ReadOnlyStream
{
    private readonly Queue<byte[]> _pieces = new(pieces);
    private ReadOnlyMemory<byte> _current;

    /// <summary>The buffer sizes of the reads that wait for data.</summary>
    public List<int> WaitingReads { get; } = [];

    /// <summary>The number of pieces whose reading has begun.</summary>
    public int ReadPieces { get; private set; }

    /// <summary>Whether everything has been read.</summary>
    public bool IsRead => _current.IsEmpty && _pieces.Count == 0;

    /// <summary>The number of reads, with those that only wait.</summary>
    public int Reads { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Reads++;
        if (_current.IsEmpty && _pieces.TryDequeue(out var next))
        {
            _current = next;
            ReadPieces++;
        }

        if (_current.IsEmpty && !ends)
        {
            WaitingReads.Add(buffer.Length);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        var count = Math.Min(buffer.Length, _current.Length);
        _current[..count].CopyTo(buffer);
        _current = _current[count..];
        return count;
    }
}
