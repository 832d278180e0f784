using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrdersActors.Client;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Client;

/// <summary>Plays the sessions of the protocol's test vectors with the client. The test is the server.</summary>
public sealed class SessionVectorTests
{
    private static readonly JsonElement File = Vectors.Read("sessions.json");

    public static TheoryData<string> Sessions => Vectors.Names(File, "sessions");

    [Theory]
    [MemberData(nameof(Sessions))]
    public async Task Application_sees_what_the_session_says(string name)
    {
        if (name == "plain_subscribe")
        {
            // The session is for clients that do not ask for their position. This one always does.
            Assert.Contains("may skip", Vectors.Find(File, "sessions", name).Text("description"));
            return;
        }

        await using var player = new Player(Vectors.Find(File, "sessions", name));
        await player.PlayAsync();
        await player.ExpectHandledAsync();
    }

    private sealed class Player : IAsyncDisposable
    {
        private readonly JsonElement _session;
        private readonly ClientRig _rig;
        private readonly List<WatchRun> _watches = [];
        private readonly ConcurrentDictionary<OrderGap, int> _seenBefore = [];
        private readonly Queue<JsonElement> _expected = new();
        private readonly Dictionary<string, long> _requests = [];
        private FakeServerSocket? _socket;

        public Player(JsonElement session)
        {
            _session = session;
            var client = session.GetProperty("client");
            var tokens = Texts(client, "tokens", token => $"a.b.{token.Text("token")}");
            var signatures = Texts(client, "signatures", signature => signature.GetString()!);
            _rig = new ClientRig(options =>
            {
                options.ApiKey = client.Text("api_key")!;
                options.GetToken = tokens is null ? null : _ => ValueTask.FromResult(tokens.Dequeue());
                options.GetSignature = signatures is null ? null : _ => ValueTask.FromResult(signatures.Dequeue());
                options.OnGap = OnGapAsync;
            });
        }

        public async Task PlayAsync()
        {
            foreach (var subscription in _session.GetProperty("subscriptions").EnumerateArray())
            {
                _watches.Add(_rig.Watch(subscription.Text("order_id"), StartOf(subscription)));
            }

            foreach (var step in _session.GetProperty("steps").EnumerateArray())
            {
                var field = step.EnumerateObject().Single();
                await PlayAsync(field.Name, field.Value);
            }

            await ExpectSentAsync();
        }

        public async Task ExpectHandledAsync()
        {
            var wanted = _session.GetProperty("handled").EnumerateArray()
                .Select(handled => (Feed: FeedOf(handled), What: WhatOf(handled))).ToArray();
            foreach (var feed in wanted.GroupBy(handled => handled.Feed))
            {
                await Eventually.Equal(feed.Select(handled => handled.What), () => Handled(feed.Key));
            }
        }

        public ValueTask DisposeAsync() => _rig.DisposeAsync();

        private async Task PlayAsync(string step, JsonElement value)
        {
            if (step == "send")
            {
                _expected.Enqueue(value);
                return;
            }

            await ExpectSentAsync();
            switch (step)
            {
                case "open":
                    _socket = await _rig.OpenAsync();
                    break;
                case "resend":
                    await ExpectResentAsync(value);
                    break;
                case "receive":
                    Receive(JsonNode.Parse(value.GetRawText())!);
                    break;
                case "close" or "cut":
                    _socket!.Close(step == "cut" ? 1006 : value.GetInt32());
                    break;
                case "advance":
                    await _rig.AdvanceAsync(TimeSpan.FromMilliseconds(value.GetInt32()));
                    break;
                case "silent":
                    Assert.False(_socket!.Sent.TryRead(out var message), $"sent {message}");
                    Assert.Equal(0, _rig.Untaken);
                    break;
                case "unsubscribe":
                    await Task.Delay(50, TestContext.Current.CancellationToken);
                    _watches.Single(watch => watch.Order == value.Text("order_id")).Leave();
                    break;
            }
        }

        // Consecutive subscribes are a set of entries, in one message or in several.
        private async Task ExpectSentAsync()
        {
            var entries = new List<string>();
            while (_expected.TryDequeue(out var expected))
            {
                var wanted = JsonNode.Parse(expected.GetRawText())!;
                if ((string?)wanted["type"] == "subscribe")
                {
                    entries.AddRange(ClientRig.EntriesOf(wanted).Select(entry => entry.ToJsonString()));
                    continue;
                }

                var sent = await TakeAsync((string)wanted["type"]!);
                Assert.True(JsonNode.DeepEquals(wanted, sent), $"expected {wanted}, sent {sent}");
            }

            var received = new List<string>();
            while (received.Count < entries.Count)
            {
                received.AddRange(
                    ClientRig.EntriesOf(await TakeAsync("subscribe")).Select(entry => entry.ToJsonString()));
            }

            Assert.Equal(entries.Order(), received.Order());
        }

        private async Task ExpectResentAsync(JsonElement expected)
        {
            if (_rig.Untaken > 0)
            {
                _socket = await _rig.OpenAsync();
                if (expected.Text("type") != "connect")
                {
                    await TakeAsync("connect");
                    Receive(JsonNode.Parse("""{"type":"connected","data":{"status":"authenticated"}}""")!);
                }
            }

            _expected.Enqueue(expected);
            await ExpectSentAsync();
        }

        private async Task<JsonNode> TakeAsync(string type)
        {
            var message = await _rig.TakeAsync(_socket!, type);
            foreach (var entry in ClientRig.EntriesOf(message))
            {
                _requests[$"{(type == "connect" ? "connect" : "feed")} {entry["order_id"]}"] = (long)message["id"]!;
            }

            message.AsObject().Remove("id");
            if ((string?)message["data"]?["token"] is { } token)
            {
                message["data"]!["token"] = token.Replace("a.b.", "", StringComparison.Ordinal);
            }

            return message;
        }

        // Replies carry the id of their request. The server does not know the id of a message that it has not read.
        private void Receive(JsonNode message)
        {
            var (type, data) = ((string)message["type"]!, message["data"]);
            var isToConnect = type == "connected" || (type == "error" && _requests.ContainsKey("connect "));
            var key = isToConnect ? "connect " : $"feed {data?["order_id"]}";
            var isReply = isToConnect || type == "subscription" || (type == "error" && data!["order_id"] is not null);
            if (isReply && _requests.Remove(key, out var id))
            {
                message["id"] = id;
            }

            _socket!.Receive(message);
        }

        private ValueTask OnGapAsync(OrderGap gap, CancellationToken cancellationToken)
        {
            // The gap stands between the events that the reader has seen and those that follow.
            var watch = _watches.Single(watch => (watch.Order ?? "*") == (gap.OrderId ?? "*"));
            _seenBefore[gap] = watch.Seen.Count;
            return ValueTask.CompletedTask;
        }

        private IEnumerable<string> Handled(string feed)
        {
            if (feed == "client")
            {
                var failure = _watches.Select(watch => watch.Failure).OfType<OrdersClientException>().FirstOrDefault();
                return failure is null ? [] : [$"stopped {(failure.Code == OrdersClientException.Protocol
                    ? CloseStatusIn(failure.Message) : failure.Code)}"];
            }

            var watch = _watches.Single(watch => (watch.Order ?? "*") == feed);
            var lines = watch.Seen.Select(update => $"event {update.Id} {update.Version} {update.Status}").ToList();
            foreach (var (gap, index) in _seenBefore.Where(gap => (gap.Key.OrderId ?? "*") == feed))
            {
                lines.Insert(index, Gap(gap.From - 1, gap.Earliest, gap.IsRewritten));
            }

            if (watch.Failure is OrdersClientException { OrderId: not null } refused)
            {
                lines.Add($"refused {refused.Code}");
            }

            return lines;
        }

        private static string CloseStatusIn(string message) =>
            message.Split(' ', ',', '.', ':').First(word => int.TryParse(word, out _));

        private static string Gap(long after, long earliest, bool isRewritten) =>
            $"gap after {after} earliest {earliest} rewritten {isRewritten}";

        private static string FeedOf(JsonElement handled) =>
            handled.TryGetProperty("subscription", out var feed) ? feed.Text("order_id") ?? "*" : "client";

        private static string WhatOf(JsonElement handled)
        {
            var field = handled.EnumerateObject().Single(field => field.Name != "subscription");
            return field.Name switch
            {
                "event" =>
                    $"event {field.Value.Text("id")} {field.Value.Number("version")} {field.Value.Text("status")}",
                "gap" => Gap(
                    field.Value.Number("after")!.Value, field.Value.Number("earliest")!.Value,
                    field.Value.Flag("rewritten")!.Value),
                // The client ends the watch as if the server had refused it.
                "ended" => "refused access_denied",
                _ => $"{field.Name} {field.Value}",
            };
        }

        private static WatchStart StartOf(JsonElement subscription) =>
            subscription.Number("after") is { } after ? new EventPosition(after, subscription.Text("epoch"))
            : WatchStart.Last((int)(subscription.Number("last") ?? 0));

        private static Queue<string>? Texts(JsonElement client, string name, Func<JsonElement, string> read) =>
            client.TryGetProperty(name, out var list) ? new Queue<string>(list.EnumerateArray().Select(read)) : null;
    }
}
