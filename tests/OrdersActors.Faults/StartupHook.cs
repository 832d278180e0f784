using OrdersActors.Faults.Totals;

/// <summary>
/// Named by <c>DOTNET_STARTUP_HOOKS</c>. The runtime loads this assembly to find this class. The server's list of
/// dependencies does not contain the assembly, so ASP.NET could not find it by name otherwise.
/// </summary>
#pragma warning disable CA1050 // The runtime requires the global namespace.
internal static class StartupHook
{
    public static void Initialize() => HeapReport.StartIfRequested();
}
