using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using OrdersActors.Checker.Judging;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Clients;

/// <summary>One connection of a client, from its opening to its end.</summary>
/// <remarks>
/// <code>
///   connect ──► connected ──► subscribe to the scopes, each after the last is confirmed ──► events
/// </code>
/// <see cref="Mischief"/> disturbs the connection until the run calms down.
/// </remarks>
internal sealed class Session(
    ClientPlan plan, ClientEnvironment environment, Random random, Cursors cursors, ClientRecord record,
    ConnectionRecord connection, Lock gate)
{
    // A frozen server keeps its sockets open and answers nothing.
    private static readonly TimeSpan OpeningTimeout = TimeSpan.FromSeconds(30);

    private int _subscribing = -1;

    private bool IsConfirmed => _subscribing == plan.Scopes.Count;

    public async Task RunAsync(Action onConfirmed)
    {
        using var socket = new RawSocket();
        using var opening = CancellationTokenSource.CreateLinkedTokenSource(environment.End);
        opening.CancelAfter(OpeningTimeout);
        await using var mischief = new Mischief(environment, random, socket);
        try
        {
            if (!plan.Resumes)
            {
                cursors.Forget();
            }

            await ConnectAsync(socket, opening.Token);
            await AskAsync(socket, opening.Token);
            mischief.Begin();
            while (await socket.ReadAsync(IsConfirmed ? environment.End : opening.Token) is { } message)
            {
                switch (Take(message))
                {
                    case Step.Next:
                        await AskNextAsync(socket, opening.Token);
                        if (IsConfirmed)
                        {
                            Confirmed(onConfirmed);
                        }

                        break;
                    case Step.Again when !IsConfirmed:
                        await Task.Delay(random.Next(100, 500), opening.Token);
                        await AskAsync(socket, opening.Token);
                        break;
                }

                if (IsConfirmed)
                {
                    await mischief.StallAsync();
                    connection.HasStalled = mischief.HasStalled;
                }
            }

            environment.Counts.Closed(socket.CloseStatus ?? 0);
            CheckStatus(socket.CloseStatus);
        }
        catch (OperationCanceledException)
        {
            connection.LivedToEnd = IsConfirmed && !mischief.HasCut && environment.End.IsCancellationRequested;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException
            or InvalidOperationException and not ObjectDisposedException)
        {
            Wrong("messages as the protocol page describes them", e.Message);
        }
        catch (Exception e)
            when (e is WebSocketException or HttpRequestException or IOException or ObjectDisposedException)
        {
            if (socket.CloseStatus is { } status)
            {
                environment.Counts.Closed(status);
                CheckStatus(status);
            }
        }
    }

    private async Task ConnectAsync(RawSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(environment.FrontEnds[connection.FrontEnd], cancellationToken);
        }
        catch (Exception e) when (!environment.End.IsCancellationRequested)
        {
            environment.Counts.HandshakeFailed(e.Message);
            throw;
        }
    }

    /// <summary>The next step that a message requires.</summary>
    private enum Step
    {
        Nothing,

        /// <summary>The last request is confirmed. Send the next one, if there is one.</summary>
        Next,

        /// <summary>The last request could not be processed yet. Repeat it.</summary>
        Again,
    }

    private Step Take(ReadOnlyMemory<byte> message)
    {
        using var json = JsonDocument.Parse(message);
        var data = json.RootElement.GetProperty("data");
        switch (json.RootElement.GetProperty("type").GetString())
        {
            case "event":
                Take(EventMessage.Read(data));
                return Step.Nothing;
            case "subscription" when _subscribing >= 0 && !IsConfirmed:
                CheckConfirmation(data);
                return Step.Next;
            case "connected" when _subscribing < 0:
                return Step.Next;
            case "error" when data.GetProperty("code").GetString() == "unavailable":
                // A silo or the database is temporarily unavailable. Or the server is shutting down, or this client is
                // too slow; then the server closes.
                return Step.Again;
            case "error" when _subscribing < 0 && data.GetProperty("code").GetString() == "not_authenticated":
                // Authentication took too long. The server closes.
                return Step.Nothing;
            default:
                Wrong("an answer or an event", json.RootElement.ToString());
                return Step.Nothing;
        }
    }

    private void Take(EventMessage e)
    {
        environment.Counts.Received();
        if (e.OrganizationId != plan.Shop.Id || environment.Map.Find(e.OrganizationId, e.OrderId) is not { } order)
        {
            Wrong($"events of {plan.Shop.Id}", $"one of {e.OrganizationId}, order {e.OrderId}, version {e.Version}");
            return;
        }

        var receipt = new Receipt(order, e.Version, e.Sequence, e.Content) { ArrivedAt = Stopwatch.GetTimestamp() };
        string? expected;
        lock (gate)
        {
            record.Receipts.Add(receipt);
            expected = cursors.Accept(receipt);
        }

        // With rewritten history only the judge can decide. Until a server compares its numbers with the log (up to a
        // second), a connection may bring events of the new history between those of the old one. Then the server
        // closes it.
        if (expected is not null && environment.Options.LoseCommits == 0)
        {
            Wrong(expected, $"{(e.Sequence == 0 ? "" : $"sequence {e.Sequence}, ")}version {e.Version} of {e.OrderId}");
        }
    }

    private async Task AskNextAsync(RawSocket socket, CancellationToken cancellationToken)
    {
        if (++_subscribing == plan.Scopes.Count)
        {
            return;
        }

        // Sometimes wait a little, so that the earlier scopes deliver events in between.
        if (_subscribing > 0 && random.Next(4) == 0)
        {
            await Task.Delay(random.Next(50), cancellationToken);
        }

        await AskAsync(socket, cancellationToken);
    }

    /// <summary>Repeats or sends the request that is not confirmed yet; the first is the authentication.</summary>
    private async Task AskAsync(RawSocket socket, CancellationToken cancellationToken)
    {
        if (_subscribing < 0)
        {
            var signature = plan.WholeOrganization ? SeedClient.Sign(plan.Shop.Key, plan.Shop.Secret) : null;
            await socket.SendAsync(SeedClient.Connect(plan.Shop.Key, signature), cancellationToken);
            return;
        }

        var data = new Dictionary<string, object>();
        if (plan.Scopes[_subscribing] is { } order)
        {
            data["order_id"] = environment.Map.IdOf(order);
        }

        if (!plan.Resumes && environment.Options.LoseCommits > 0)
        {
            // Start with future events, as without "last"; with it, the confirmation names the epoch.
            data["last"] = 0;
        }

        if (plan.Resumes)
        {
            if (cursors.Epoch is { } epoch)
            {
                data["epoch"] = epoch;
            }

            data["after"] = plan.Scopes[_subscribing] is { } resumed
                ? cursors.VersionOf(resumed)
                : connection.OrganizationAfter = cursors.Sequence!.Value;
        }

        await socket.SendAsync(new { type = "subscribe", data }, cancellationToken);
    }

    private void CheckConfirmation(JsonElement data)
    {
        if (plan.Scopes[_subscribing] is null)
        {
            connection.OrganizationFrom = record.Receipts.Count;
        }

        var epoch = data.TryGetProperty("epoch", out var named) ? named.GetString() : null;
        if (connection.Epoch is { } first && first != epoch)
        {
            Wrong($"all confirmations of a connection to name epoch {first}", data.ToString());
            return;
        }

        connection.Epoch = epoch;
        if (plan.Resumes)
        {
            CheckResumed(data.GetProperty("resumed").GetBoolean(), epoch, data);
        }
    }

    /// <summary>
    /// Nothing is trimmed in a run, so a client must be able to resume. Only if history was rewritten it cannot, and
    /// then it starts again with all events.
    /// </summary>
    private void CheckResumed(bool resumed, string? epoch, JsonElement data)
    {
        var isRewritten = !resumed && environment.Options.LoseCommits > 0;
        if (!resumed && !isRewritten)
        {
            Wrong("to resume", data.ToString());
        }
        else if (resumed && cursors.Epoch is { } known && known != epoch)
        {
            Wrong($"no resumption in another epoch than {known}", data.ToString());
        }
        else
        {
            cursors.Enter(epoch, beginAgain: isRewritten);
            connection.OrganizationAfter = isRewritten ? 0 : connection.OrganizationAfter;
            environment.Counts.BeganAgain(isRewritten);
        }
    }

    private void Confirmed(Action onConfirmed)
    {
        lock (gate)
        {
            connection.ConfirmedAt = Stopwatch.GetTimestamp();
        }

        onConfirmed();
    }

    private void CheckStatus(int? status)
    {
        // 1000 answers our own close. 1001 and 1012 mean that the server shuts down, 1011 that it failed, 1013 that the
        // client is too slow or that authentication did not finish in time. 1008 is valid before authentication, if the
        // server was frozen before it read the request.
        if (status is not (null or 1000 or 1001 or 1005 or 1011 or 1012 or 1013)
            && !(status is 1008 && _subscribing < 0))
        {
            Wrong("a permitted close status", $"close status {status}");
        }
    }

    private void Wrong(string expected, string got) => environment.OnFinding(new CounterExample(
        plan.Name, string.Join(
            " + ", plan.Scopes.Select(order => order is { } index ? environment.Map.Orders[index] : plan.Shop.Id)),
        expected, got, connection.Number));
}
