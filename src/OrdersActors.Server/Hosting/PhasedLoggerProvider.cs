namespace OrdersActors.Server.Hosting;

/// <summary>Puts a <see cref="PhasedLogger"/> before each logger of the console. The console disposes of itself.</summary>
[ProviderAlias("Console")]
internal sealed class PhasedLoggerProvider(ILoggerProvider console, ServerPhase phase) : ILoggerProvider, ISupportExternalScope
{
    public ILogger CreateLogger(string categoryName) => new PhasedLogger(console.CreateLogger(categoryName), categoryName, phase);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) =>
        (console as ISupportExternalScope)?.SetScopeProvider(scopeProvider);

    public void Dispose()
    {
    }
}
