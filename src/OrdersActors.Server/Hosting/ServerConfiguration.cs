namespace OrdersActors.Server.Hosting;

/// <summary>
/// The sources of the settings. Each overrides those before it: the file from silo-config, the environment, the command
/// line.
/// </summary>
internal static class ServerConfiguration
{
    private const string DefaultFile = "silo-config/single-machine.json";

    /// <summary>Adds the sources to a configuration.</summary>
    /// <param name="configuration">The configuration; its existing sources are removed.</param>
    /// <param name="file">A configuration file, or null for the one that comes with the server.</param>
    /// <param name="overrides">Settings from the command line, as "Section:Key" and value.</param>
    /// <exception cref="StartupException">The file does not exist or cannot be read.</exception>
    public static void Fill(
        IConfigurationBuilder configuration, string? file, IEnumerable<KeyValuePair<string, string?>> overrides)
    {
        var path = file is null ? Path.Combine(AppContext.BaseDirectory, DefaultFile) : Path.GetFullPath(file);
        if (!File.Exists(path))
        {
            throw new StartupException($"the configuration file {path} does not exist");
        }

        try
        {
            configuration.Sources.Clear();
            configuration
                .AddJsonFile(path, optional: false, reloadOnChange: false)
                .AddEnvironmentVariables("DOTNET_")
                .AddEnvironmentVariables("ASPNETCORE_")
                .AddEnvironmentVariables()
                .AddInMemoryCollection(overrides);
            if (configuration is not IConfiguration)
            {
                configuration.Build();
            }
        }
        catch (InvalidDataException e)
        {
            throw new StartupException(
                $"the configuration file {path} cannot be read: {e.InnerException?.Message ?? e.Message}");
        }
    }

    /// <summary>Builds the configuration of a command other than <c>serve</c>.</summary>
    public static IConfigurationRoot Build(
        string? file = null, IEnumerable<KeyValuePair<string, string?>>? overrides = null)
    {
        var builder = new ConfigurationBuilder();
        Fill(builder, file, overrides ?? []);
        return builder.Build();
    }
}
