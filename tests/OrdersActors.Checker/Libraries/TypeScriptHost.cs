using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text.Json;
using OrdersActors.Checker.Clients;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Checker.Libraries;

/// <summary>A process of Node with clients of the library for TypeScript, and what their handlers observe.</summary>
/// <remarks>
/// <code>
///   plan ──► stdin of host.mjs ──► clients ──► stdout, a line for each observation ──► handlers
/// </code>
/// At most one line waits here, and the pipe is bounded, so a fast process waits for the checker.
/// </remarks>
internal sealed class TypeScriptHost
{
    // The longest event has 72 KiB.
    private const int MostLineBytes = 256 * 1024;
    private const int MostErrorLines = 20;

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(20);
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Libraries", "host.mjs");
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly TypeScriptPackage _package;
    private readonly Uri _address;
    private readonly IReadOnlyList<LibraryPlan> _plans;
    private readonly ClientEnvironment _environment;
    private readonly LibraryCounts _counts;
    private readonly List<Handler> _handlers = [];
    private readonly List<Handler>[] _handlersOfClient;
    private readonly Queue<string> _errors = [];

    public TypeScriptHost(
        TypeScriptPackage package, Uri address, IReadOnlyList<LibraryPlan> plans, ClientEnvironment environment,
        LibraryCounts counts)
    {
        (_package, _address, _plans, _environment, _counts) = (package, address, plans, environment, counts);
        _handlersOfClient = [.. plans.Select(plan =>
            plan.Handlers.Select((_, i) => new Handler(plan, i, environment, counts)).ToList())];
        _handlers.AddRange(_handlersOfClient.SelectMany(handlers => handlers));
    }

    public IReadOnlyList<Handler> Handlers => _handlers;

    /// <summary>Runs until the end of the run. The end of the process before is a violation. Never fails.</summary>
    public async Task RunAsync()
    {
        using var process = Process.Start(new ProcessStartInfo(_package.Node, [Script, _package.Module])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.ErrorDataReceived += (_, line) => OnError(line.Data);
        process.BeginErrorReadLine();
        await using var ending = _environment.End.Register(process.StandardInput.Close);
        try
        {
            await process.StandardInput.WriteLineAsync(Plan());
            await process.StandardInput.FlushAsync(CancellationToken.None);
            await ReadAsync(process.StandardOutput.BaseStream);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or JsonException or KeyNotFoundException
            or InvalidOperationException or ObjectDisposedException)
        {
            OnError(e.Message);
            process.Kill();
        }

        await EndAsync(process);
    }

    /// <summary>Takes one observation.</summary>
    /// <exception cref="InvalidDataException">The line has none of the known forms.</exception>
    internal void Take(JsonElement line)
    {
        if (line.TryGetProperty("client", out var client))
        {
            TakeOfClient(line, client.GetInt32());
            return;
        }

        var handler = _handlers[line.GetProperty("handler").GetInt32()];
        var epoch = line.TryGetProperty("epoch", out var named) ? named.GetString() : null;
        if (line.TryGetProperty("event", out var e))
        {
            handler.Received(EventMessage.Read(e), epoch);
        }
        else if (line.TryGetProperty("confirmed", out var after))
        {
            handler.Confirmed(after.GetInt64(), epoch);
        }
        else if (line.TryGetProperty("gap", out var gap))
        {
            handler.Gap(
                gap.GetProperty("from").GetInt64(), gap.GetProperty("earliest").GetInt64(),
                gap.GetProperty("rewritten").GetBoolean(), epoch);
        }
        else if (line.TryGetProperty("ended", out var reason))
        {
            handler.Ended(reason.GetString()!);
        }
        else
        {
            throw new InvalidDataException($"The host wrote an unknown line: {line}");
        }
    }

    private void TakeOfClient(JsonElement line, int client)
    {
        if (line.TryGetProperty("state", out var state))
        {
            var isConnected = state.GetString() == "connected";
            _handlersOfClient[client].ForEach(handler => handler.IsConnected = isConnected);
            if (isConnected)
            {
                _counts.Connected();
            }
        }
        else if (line.TryGetProperty("error", out var error))
        {
            _counts.Error();
            if (error.GetProperty("code").GetString() is "handler_failed" or "store_failed")
            {
                Wrong("no fault of the host", error.ToString());
            }
        }
        else if (line.TryGetProperty("rejoined", out _) || line.TryGetProperty("overflow", out _))
        {
            _counts.Rejoined();
        }
        else
        {
            throw new InvalidDataException($"The host wrote an unknown line: {line}");
        }
    }

    private string Plan()
    {
        var handler = 0;
        return JsonSerializer.Serialize(
            new
            {
                url = _address,
                tokenLifetime = Credentials.TokenLifetime.TotalSeconds,
                clients = _plans.Select((plan, i) => new
                {
                    client = i,
                    plan.Shop.Key,
                    plan.Shop.Secret,
                    credential = $"{plan.Credential}",
                    plan.WholeOrganization,
                    orders = Credentials.OrdersOf(plan, _environment.Map),
                    plan.Variant,
                    handlers = plan.Handlers.Select(each => new
                    {
                        handler = handler++,
                        order = each.Order is { } order ? _environment.Map.IdOf(order) : null,
                        start = $"{each.Start}",
                        each.Delay,
                        each.RejoinAfter,
                    }),
                }),
            },
            Json);
    }

    private async Task ReadAsync(Stream output)
    {
        var reader = PipeReader.Create(output);
        while (true)
        {
            var read = await reader.ReadAsync();
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                using var line = JsonDocument.Parse(rest.Slice(0, end));
                Take(line.RootElement);
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            if (rest.Length > MostLineBytes)
            {
                throw new InvalidDataException($"The host wrote a line of more than {MostLineBytes} bytes.");
            }

            reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                await reader.CompleteAsync();
                return;
            }
        }
    }

    private async Task EndAsync(Process process)
    {
        using var timeout = new CancellationTokenSource(EndTimeout);
        await process.WaitForExitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        if (process.ExitCode != 0 || !_environment.End.IsCancellationRequested)
        {
            lock (_errors)
            {
                Wrong(
                    "to run until the end of the run and then to exit with 0",
                    $"exit code {process.ExitCode}: {string.Join(" | ", _errors)}");
            }
        }

        _handlers.ForEach(handler => handler.Finish());
    }

    /// <summary>Keeps the last lines of stderr, for the report.</summary>
    private void OnError(string? line)
    {
        lock (_errors)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                _errors.Enqueue(line[..Math.Min(line.Length, 500)]);
            }

            if (_errors.Count > MostErrorLines)
            {
                _errors.Dequeue();
            }
        }
    }

    private void Wrong(string expected, string got) =>
        _environment.OnFinding(new CounterExample("the process of Node", "its clients", expected, got));
}
