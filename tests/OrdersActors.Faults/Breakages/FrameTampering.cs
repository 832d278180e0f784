using System.Text;
using OrdersActors.Faults.Totals;

namespace OrdersActors.Faults.Breakages;

/// <summary>Tampers with one of a hundred writes of event frames to a socket.</summary>
internal sealed class FrameTampering(Breakage kind, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, byte[]> _last = [];

    public ReadOnlyMemory<byte>[] Tamper(ReadOnlyMemory<byte> piece)
    {
        lock (_random)
        {
            var organization = OrganizationOf(piece.Span);
            var other = _last.FirstOrDefault(last => last.Key != organization).Value;
            if (kind is Breakage.Leak)
            {
                _last[organization] = piece.ToArray();
            }

            if (_random.Next(100) > 0 || (kind is Breakage.Leak && other is null))
            {
                return [piece];
            }

            ServerTotals.Add($"faults.broken{{kind={kind}}}", 1);
            return kind switch
            {
                Breakage.Duplicates => [piece, piece],
                Breakage.Leak => [piece, other],
                _ => [],
            };
        }
    }

    private static string OrganizationOf(ReadOnlySpan<byte> frames)
    {
        var rest = frames[(frames.IndexOf("\"organization_id\":\""u8) + "\"organization_id\":\"".Length)..];
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)'"')]);
    }
}
