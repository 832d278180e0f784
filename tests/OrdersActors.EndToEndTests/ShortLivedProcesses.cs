using System.Runtime.CompilerServices;

namespace OrdersActors.EndToEndTests;

/// <summary>
/// Settings of the .NET runtime for the processes that tests start. Most of them live for seconds, in which compiling
/// methods again with optimization takes about as much processor time as all the rest.
/// </summary>
internal static class ShortLivedProcesses
{
    /// <summary>
    /// A method is optimized after 512 calls (hexadecimal 200) instead of 30, and without a profile. Started processes
    /// inherit the environment.
    /// </summary>
    [ModuleInitializer]
    internal static void Configure()
    {
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
        Environment.SetEnvironmentVariable("DOTNET_TC_CallCountThreshold", "200");
    }
}
