using System.CommandLine;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary><c>serve</c>, and no command at all.</summary>
internal static class ServeCommand
{
    /// <summary>
    /// Given by "dotnet run" in front of whatever the user gives, so every command takes it, and the last one counts.
    /// </summary>
    public static Option<string[]> Environment { get; } = new("--environment")
    {
        Description = "Development (demo account, board) or Production, the default.",
        Recursive = true,
    };

    private static Dictionary<string, ServerRole> Roles { get; } = new()
    {
        ["all"] = ServerRole.All,
        ["silo"] = ServerRole.Silo,
        ["front-end"] = ServerRole.FrontEnd,
    };

    public static void Define(Command command)
    {
        var urls = new Option<string?>("--urls") { Description = "Where to listen, default http://localhost:5080; several with ';'." };
        var config = new Option<string?>("--config") { Description = "A configuration file instead of silo-config/single-machine.json." };
        var role = new Option<string>("--role")
        {
            Description = "all (silo and front end), silo, or front-end (an Orleans client that holds sockets).",
            DefaultValueFactory = _ => "all",
        };
        role.AcceptOnlyFromAmong([.. Roles.Keys]);
        command.Add(urls);
        command.Add(role);
        command.Add(config);

        // Any setting may be given as --Section:Key value, which the parser does not know by name.
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async call =>
        {
            TryReadSettings(call.UnmatchedTokens, out var settings, out _);
            if (call.GetValue(urls) is { } value)
            {
                settings["urls"] = value;
            }

            await OrdersServer.RunAsync(call.GetValue(config), call.GetValue(Environment)?.LastOrDefault(), Roles[call.GetValue(role)!], settings);
            return 0;
        });
    }

    /// <summary>Whether this call is to serve, by name or by naming no command.</summary>
    public static bool IsServe(ParseResult call) => !call.CommandResult.Command.TreatUnmatchedTokensAsErrors;

    /// <summary>What is wrong with the arguments that are not options, or null: anything but a setting is.</summary>
    /// <remarks>Not a validator of the command, because those do not get to see what the parser has left over.</remarks>
    public static string? FindError(ParseResult call) => TryReadSettings(call.UnmatchedTokens, out _, out var wrong)
        ? null
        : $"Unrecognized argument '{wrong}'; settings are given as --Section:Key=value.";

    /// <summary>Reads <c>--Section:Key=value</c> and <c>--Section:Key value</c>.</summary>
    private static bool TryReadSettings(IEnumerable<string> tokens, out Dictionary<string, string?> settings, out string? wrong)
    {
        settings = new(StringComparer.OrdinalIgnoreCase);
        using var token = tokens.GetEnumerator();
        while (token.MoveNext())
        {
            wrong = token.Current;
            var equals = wrong.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? wrong : wrong[..equals];
            if (!name.StartsWith("--", StringComparison.Ordinal) || !name.Contains(':', StringComparison.Ordinal))
            {
                return false;
            }

            if (equals >= 0)
            {
                settings[name[2..]] = wrong[(equals + 1)..];
            }
            else if (token.MoveNext())
            {
                settings[name[2..]] = token.Current;
            }
            else
            {
                return false;
            }
        }

        wrong = null;
        return true;
    }
}
