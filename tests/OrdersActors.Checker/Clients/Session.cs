using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using OrdersActors.Checker.Judging;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Clients;

/// <summary>One connection of a client, from its opening to its end.</summary>
/// <remarks>
/// <code>
///   connect ──► connected ──► subscribe to one scope after the other, each when the last is confirmed ──► events
/// </code>
/// <see cref="Mischief"/> comes in between, until the run calms down.
/// </remarks>
internal sealed class Session(
    ClientPlan plan, ClientEnvironment environment, Random random, Cursors cursors, ClientRecord record,
    ConnectionRecord connection, Lock gate)
{
    // A server that is stopped for a while keeps its sockets open and answers nothing.
    private static readonly TimeSpan OpeningPatience = TimeSpan.FromSeconds(30);

    private int _subscribing = -1;

    private bool IsConfirmed => _subscribing == plan.Scopes.Count;

    public async Task RunAsync(Action onConfirmed)
    {
        using var socket = new RawSocket();
        using var opening = CancellationTokenSource.CreateLinkedTokenSource(environment.End);
        opening.CancelAfter(OpeningPatience);
        await using var mischief = new Mischief(environment, random, socket);
        try
        {
            if (!plan.Resumes)
            {
                cursors.Forget();
            }

            await socket.ConnectAsync(environment.FrontEnds[connection.FrontEnd], opening.Token);
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
                }
            }

            environment.Counts.Closed(socket.CloseStatus ?? 0);
            CheckStatus(socket.CloseStatus);
        }
        catch (OperationCanceledException)
        {
            connection.LivedToEnd = IsConfirmed && !mischief.HasCut && environment.End.IsCancellationRequested;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException and not ObjectDisposedException)
        {
            Wrong("messages as the protocol page describes them", e.Message);
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or ObjectDisposedException)
        {
            if (socket.CloseStatus is { } status)
            {
                environment.Counts.Closed(status);
                CheckStatus(status);
            }
        }
    }

    /// <summary>What a message asks for.</summary>
    private enum Step
    {
        Nothing,

        /// <summary>What was asked is confirmed: the next thing, or all is confirmed.</summary>
        Next,

        /// <summary>What was asked could not be done yet.</summary>
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
                // A silo or the database is away for a while. Or the server is leaving, or this client is too slow; then it closes.
                return Step.Again;
            case "error" when _subscribing < 0 && data.GetProperty("code").GetString() == "not_authenticated":
                // It took too long to answer who this is, and closes.
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

        // With rewritten history only the judge can decide. For up to a second, until a server compares its numbers with the log's, a
        // connection may bring events of the new history between those of the old one; then the server closes it.
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

        // Now and then a pause, in which the scopes before this one bring events.
        if (_subscribing > 0 && random.Next(4) == 0)
        {
            await Task.Delay(random.Next(50), cancellationToken);
        }

        await AskAsync(socket, cancellationToken);
    }

    /// <summary>Asks for what is not confirmed yet: the connection itself first.</summary>
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
            // From now on, as without it, and the confirmation names the epoch.
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
    /// Nothing is trimmed in a run, so a client resumes; only when history was rewritten it cannot, and begins again with everything
    /// that there is.
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
        // 1000 answers our own close, 1001 and 1012 are a server that leaves, 1011 one that failed, 1013 too slow a client, or a
        // server that could not decide in time who this is; 1008 one that stood still before it had read who this is.
        if (status is not (null or 1000 or 1001 or 1005 or 1011 or 1012 or 1013) && !(status is 1008 && _subscribing < 0))
        {
            Wrong("no reason to be closed", $"close status {status}");
        }
    }

    private void Wrong(string expected, string got) => environment.OnFinding(new CounterExample(
        plan.Name, string.Join(" + ", plan.Scopes.Select(order => order is { } index ? environment.Map.Orders[index] : plan.Shop.Id)),
        expected, got, connection.Number));
}
