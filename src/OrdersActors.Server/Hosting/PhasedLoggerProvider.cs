namespace OrdersActors.Server.Hosting;

/// <summary>
/// Wraps each console logger in a <see cref="PhasedLogger"/>. The service provider disposes of the console provider.
/// </summary>
[ProviderAlias("Console")]
internal sealed class PhasedLoggerProvider(ILoggerProvider console, ServerPhase phase)
    : ILoggerProvider, ISupportExternalScope
{
    public ILogger CreateLogger(string categoryName) =>
        new PhasedLogger(console.CreateLogger(categoryName), categoryName, phase);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) =>
        (console as ISupportExternalScope)?.SetScopeProvider(scopeProvider);

    public void Dispose()
    {
    }
}
