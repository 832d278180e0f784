using System.CommandLine;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary><c>serve</c>, which is also what a call without a command does.</summary>
internal static class ServeCommand
{
    /// <summary>
    /// The environment. "dotnet run" puts this option in front of the user's arguments, so every command accepts it,
    /// and if it is repeated the last value counts.
    /// </summary>
    public static Option<string[]> Environment { get; } = new("--environment")
    {
        Description = "Development (demo account, board) or Production, the default.",
        Recursive = true,
    };

    /// <summary>The roles by their names on the command line.</summary>
    public static Dictionary<string, ServerRole> Roles { get; } = new()
    {
        ["all"] = ServerRole.All,
        ["silo"] = ServerRole.Silo,
        ["front-end"] = ServerRole.FrontEnd,
    };

    public static void Define(Command command, CommandSettings settings)
    {
        var urls = new Option<string?>("--urls")
        {
            Description = "The URLs to listen on, separated by ';'; default http://localhost:5080.",
        };
        var role = new Option<string>("--role")
        {
            Description = "all (silo and front end), silo, or front-end (an Orleans client that holds the WebSockets).",
            DefaultValueFactory = _ => "all",
        };
        role.AcceptOnlyFromAmong([.. Roles.Keys]);
        command.Add(urls);
        command.Add(role);
        command.Add(CommandSettings.File);
        command.SetAction(async call =>
        {
            var values = new Dictionary<string, string?>(settings.Values, StringComparer.OrdinalIgnoreCase);
            if (call.GetValue(urls) is { } value)
            {
                values["urls"] = value;
            }

            await OrdersServer.RunAsync(
                call.GetValue(CommandSettings.File), call.GetValue(Environment)?.LastOrDefault(),
                Roles[call.GetValue(role)!], values);
            return 0;
        });
    }

    /// <summary>Returns whether the call runs the server: it names <c>serve</c> or no command.</summary>
    public static bool IsServe(ParseResult call) => call.CommandResult.Command is RootCommand or { Name: "serve" };
}
