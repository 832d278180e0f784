using System.CommandLine;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Connections;

/// <summary>The options of <c>connections</c> and <c>disconnect</c>, and their connection to the cluster.</summary>
internal sealed class ConnectionOptions
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10);

    public Option<string?> Organization { get; } = new("--organization")
    {
        Description = "Only clients of this organization.",
    };

    public Option<string?> Order { get; } = new("--order")
    {
        Description = "Only clients that are subscribed to this order. Organization-wide subscriptions do not count.",
    };

    public Option<string?> Customer { get; } = new("--customer")
    {
        Description = "Only clients whose token names this customer.",
    };

    public Option<string?> Gateway { get; } = new("--gateway")
    {
        Description = "HOST:PORT of a silo's gateway. Default: the gateways of the settings or of the database.",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(Organization);
        command.Add(Order);
        command.Add(Customer);
        command.Add(Gateway);
        command.Add(Output.OutputOptions.Json);
        command.Add(CommandSettings.File);
    }

    /// <summary>The filter of a call.</summary>
    public ConnectionFilter Read(ParseResult call) =>
        new(call.GetValue(Organization), call.GetValue(Order), call.GetValue(Customer));

    /// <summary>Calls the grain that knows all front ends.</summary>
    /// <exception cref="StartupException">No server answers, or the servers are of a previous version.</exception>
    public async Task<(FrontEndAnswers Answers, string Location)> AskAsync(
        IConfiguration configuration, ParseResult call, Func<IFrontEndsGrain, Task<FrontEndAnswers>> ask,
        CancellationToken cancellationToken)
    {
        await using var client = await PublishingClient.ConnectAsync(
            configuration, call.GetValue(Gateway), ConnectTime, cancellationToken);
        try
        {
            return (await ask(client.Grains.Find<IFrontEndsGrain>(0)).WaitAsync(cancellationToken), client.Location);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or ArgumentException)
        {
            throw new StartupException(
                $"the servers at {client.Location} do not know their front ends: they are of a previous version, or "
                + $"the silo that knows them has just left; try again ({ConsoleLogging.OneLine(e.Message)})");
        }
    }

    /// <summary>
    /// Writes to stderr which front ends did not answer, and whether some may be unknown. Returns the exit code.
    /// </summary>
    public static async Task<int> ReportAsync(FrontEndAnswers answers, string location)
    {
        foreach (var answer in answers.Answers.Where(answer => answer.Problem is not null))
        {
            await Console.Error.WriteLineAsync($"front end {answer.FrontEnd}: {answer.Problem}");
        }

        if (answers.KnownFor < 2 * Deadlines.FrontEndRenewal)
        {
            await Console.Error.WriteLineAsync(
                "some front ends may be unknown, because the silo that knows them has just started to collect them; "
                + $"repeat the command in {2 * Deadlines.FrontEndRenewal.TotalSeconds:0} s");
        }

        await Console.Error.WriteLineAsync($"{answers.Answers.Length} front ends, asked through {location}");
        return answers.Answers.Any(answer => answer.Problem is not null)
            ? ServerCommandLine.Failed
            : ServerCommandLine.Done;
    }
}
