using System.CommandLine;
using System.CommandLine.Invocation;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands;

/// <summary><c>--version</c>: prints the version, and in a second line the schemas of the databases.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        Console.WriteLine(StartLine.Version);
        Console.WriteLine($"schema: {StorageSchema.Describe()}");
        return ServerCommandLine.Done;
    }
}
