using System.Net.WebSockets;
using System.Text.Json;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.World;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Clients;

/// <summary>
/// A new client that reads the whole history of an organization, as any holder of its key can. If a connection ends, it
/// reads again from another server, because a server that the others have just missed may learn of it only now.
/// </summary>
internal static class HistoryReader
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Returns the history as it was sent, or the reason why it could not be read.</summary>
    public static async Task<(IReadOnlyList<TruthEvent> Events, string? Epoch, CounterExample? Wrong)> ReadAsync(
        FrontEnds frontEnds, Map map, Shop shop)
    {
        string? epoch = null;
        var events = new List<TruthEvent>();
        CounterExample? wrong = null;
        var lastEnd = "";
        try
        {
            var head = 0L;
            // Read the newest event first, to know where the history ends.
            await ReadAsync("last", 1, e => (head = e.Sequence) > 0);
            await ReadAsync("after", 0, e =>
            {
                if (e.OrganizationId != shop.Id || map.Find(e.OrganizationId, e.OrderId) is not { } order)
                {
                    wrong = new(
                        "the log", shop.Id, "its own events", $"{e.Id} of {e.OrganizationId}, order {e.OrderId}");
                    return true;
                }

                events.Add(new TruthEvent(e.Id, order, e.Version, e.Sequence, e.Content));
                return e.Sequence >= head;
            });
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or JsonException)
        {
            wrong = new(
                "a new client", shop.Id, "the whole history", $"{events.Count} events and then: {e.Message} {lastEnd}");
        }

        return (events, epoch, wrong);

        async Task ReadAsync(string how, int number, Func<EventMessage, bool> isLast)
        {
            using var timeout = new CancellationTokenSource(WaitTimeout);
            for (var frontEnd = 0; !await TryReadAsync(frontEnds[frontEnd], how, number, isLast, timeout);)
            {
                events.Clear();
                lastEnd = $"The last read ended at {frontEnds[frontEnd]}: {lastEnd}";
                frontEnd = frontEnds.Next(frontEnd, Random.Shared);
                await Task.Delay(TimeSpan.FromMilliseconds(250), timeout.Token);
            }
        }

        // Returns false if the server ends, or if it still misses a silo that has just died.
        async Task<bool> TryReadAsync(
            Uri address, string how, int number, Func<EventMessage, bool> isLast, CancellationTokenSource timeout)
        {
            using var socket = new RawSocket();
            try
            {
                return await ReadFromAsync(socket, address, how, number, isLast, timeout);
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException)
            {
                lastEnd = e.Message;
                return false;
            }
        }

        async Task<bool> ReadFromAsync(
            RawSocket socket, Uri address, string how, int number, Func<EventMessage, bool> isLast,
            CancellationTokenSource timeout)
        {
            await socket.ConnectAsync(address, timeout.Token);
            await socket.SendAsync(
                SeedClient.Connect(shop.Key, SeedClient.Sign(shop.Key, shop.Secret)), timeout.Token);
            await socket.SendAsync(
                new { type = "subscribe", data = new Dictionary<string, int> { [how] = number } }, timeout.Token);
            while (await socket.ReadAsync(timeout.Token) is { } message)
            {
                using var json = JsonDocument.Parse(message);
                var data = json.RootElement.GetProperty("data");
                switch (json.RootElement.GetProperty("type").GetString())
                {
                    case "event":
                        timeout.CancelAfter(WaitTimeout);
                        if (isLast(EventMessage.Read(data)))
                        {
                            return true;
                        }

                        break;
                    case "subscription":
                        epoch = data.TryGetProperty("epoch", out var named) ? named.GetString() : null;
                        break;
                    case "error" when data.GetProperty("code").GetString() == "unavailable":
                        lastEnd = $"{data}";
                        return false;
                    case "error":
                        throw new InvalidOperationException(data.ToString());
                }
            }

            lastEnd = "the server closed the connection";
            return false;
        }
    }
}
