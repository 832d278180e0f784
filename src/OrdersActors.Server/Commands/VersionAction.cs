using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands;

/// <summary><c>--version</c>: prints the version, and in a second line the schemas of the databases.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var version = typeof(VersionAction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
        Console.WriteLine(version?.InformationalVersion);
        Console.WriteLine($"schema: {StorageSchema.Describe()}");
        return ServerCommandLine.Done;
    }
}
