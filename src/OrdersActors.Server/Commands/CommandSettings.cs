using System.Buffers;
using System.CommandLine;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary>
/// The settings of a call: <c>--config FILE</c>, and <c>--Section:Key=value</c> or <c>--Section:Key value</c> for any setting
/// by its name. Every command that has settings takes them in the same way.
/// </summary>
/// <remarks>
/// They are taken from the arguments before the parser sees these, because the parser would take an unknown option for the
/// value of an argument. After <c>--</c> nothing is taken.
/// </remarks>
internal sealed class CommandSettings
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:._-");

    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _rest = [];

    private CommandSettings()
    {
    }

    /// <summary>The option of all commands that have settings.</summary>
    public static Option<string?> File { get; } = new("--config")
    {
        Description = "A configuration file instead of silo-config/single-machine.json. Any setting may also be given "
            + "as --Section:Key=value.",
    };

    /// <summary>The arguments that are not settings.</summary>
    public string[] Rest => [.. _rest];

    /// <summary>The settings by their names.</summary>
    public IReadOnlyDictionary<string, string?> Values => _values;

    /// <summary>A setting that has no value; null if there is none.</summary>
    public string? WithoutValue { get; private set; }

    /// <summary>Separates the settings from the other arguments.</summary>
    public static CommandSettings Split(IReadOnlyList<string> args)
    {
        var settings = new CommandSettings();
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i];
            if (arg == "--")
            {
                settings._rest.AddRange(args.Skip(i));
                break;
            }

            var equals = arg.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? arg : arg[..equals];
            if (!IsSetting(name))
            {
                settings._rest.Add(arg);
            }
            else if (equals >= 0)
            {
                settings._values[name[2..]] = arg[(equals + 1)..];
            }
            else if (i + 1 < args.Count)
            {
                settings._values[name[2..]] = args[++i];
            }
            else
            {
                settings.WithoutValue = arg;
            }
        }

        return settings;
    }

    /// <summary>The error in the settings of a call, or null.</summary>
    public string? FindError(ParseResult call) =>
        WithoutValue is not null ? $"The setting '{WithoutValue}' has no value; settings are given as --Section:Key=value."
        : _values.Count > 0 && !call.CommandResult.Command.Options.Contains(File)
            ? $"Unrecognized argument '--{_values.Keys.First()}': the command '{call.CommandResult.Command.Name}' has no settings."
        : null;

    /// <summary>The configuration of a command that does not serve: file, environment, and the settings of the call.</summary>
    /// <exception cref="StartupException">The file is missing or cannot be read.</exception>
    public IConfigurationRoot Build(ParseResult call) => ServerConfiguration.Build(call.GetValue(File), _values);

    private static bool IsSetting(string name) =>
        name.StartsWith("--", StringComparison.Ordinal) && name.IndexOf(':', StringComparison.Ordinal) > 2
        && name.AsSpan(2).IndexOfAnyExcept(NameCharacters) < 0;
}
