using System.Buffers;
using System.CommandLine;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary>
/// The settings on a command line: <c>--config FILE</c>, and <c>--Section:Key=value</c> or <c>--Section:Key value</c>
/// for any setting by its name. All commands that have settings accept them in this form.
/// </summary>
/// <remarks>
/// The settings are removed from the arguments before parsing, because the parser would take an unknown option for the
/// value of an argument. Arguments after <c>--</c> are left as they are.
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

    /// <summary>The option that all commands with settings have.</summary>
    public static Option<string?> File { get; } = new("--config")
    {
        Description = "A configuration file instead of silo-config/single-machine.json. Any setting may also be given "
            + "as --Section:Key=value.",
    };

    /// <summary>The arguments that are not settings.</summary>
    public string[] Rest => [.. _rest];

    /// <summary>The values of the settings, by name.</summary>
    public IReadOnlyDictionary<string, string?> Values => _values;

    /// <summary>The setting that was given without a value, or null.</summary>
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

    /// <summary>Returns the error in the settings of a call, or null.</summary>
    public string? FindError(ParseResult call) =>
        WithoutValue is not null
            ? $"The setting '{WithoutValue}' has no value; settings have the form --Section:Key=value."
        : _values.Count > 0 && !call.CommandResult.Command.Options.Contains(File)
            ? $"Unrecognized argument '--{_values.Keys.First()}': "
                + $"the command '{call.CommandResult.Command.Name}' has no settings."
        : null;

    /// <summary>
    /// Builds the configuration of a command other than <c>serve</c> from the file, the environment and the settings of
    /// the call.
    /// </summary>
    /// <exception cref="StartupException">The file is missing or cannot be read.</exception>
    public IConfigurationRoot Build(ParseResult call) => ServerConfiguration.Build(call.GetValue(File), _values);

    private static bool IsSetting(string name) =>
        name.StartsWith("--", StringComparison.Ordinal) && name.IndexOf(':', StringComparison.Ordinal) > 2
        && name.AsSpan(2).IndexOfAnyExcept(NameCharacters) < 0;
}
