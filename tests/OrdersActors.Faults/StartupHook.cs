/// <summary>
/// Named by <c>DOTNET_STARTUP_HOOKS</c>. That the runtime looks for it is what loads this assembly, which the server's own
/// list of dependencies rightly does not know, so that ASP.NET then finds it by name.
/// </summary>
#pragma warning disable CA1050 // The runtime looks for it in no namespace.
internal static class StartupHook
{
    public static void Initialize()
    {
    }
}
