using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrdersActors.Publishing;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Publishing;

/// <summary>A shop's web application that publishes, written as its developers would write it.</summary>
public sealed class Shop : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lines _lines;

    private Shop(WebApplication app, Lines lines) => (_app, _lines) = (app, lines);

    public IServiceProvider Services => _app.Services;

    public IOrderStatusPublisher Publisher => Services.GetRequiredService<IOrderStatusPublisher>();

    /// <summary>The log of the application at its default level, one line per entry.</summary>
    public IReadOnlyCollection<string> Log => _lines.Written;

    public static Shop Build(Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var lines = new Lines();
        builder.Logging.ClearProviders().AddProvider(lines);
        configure(builder);
        var app = builder.Build();
        app.Urls.Add($"http://127.0.0.1:{ServerProcess.FreePorts(1)[0]}");
        app.MapGet("/health", () => "ok");
        return new Shop(app, lines);
    }

    /// <summary>
    /// Starts it. Fails if the start takes more than half a minute or the application does not answer.
    /// </summary>
    public async Task StartAsync()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));
        using var http = new HttpClient();
        Assert.Equal(
            "ok", await http.GetStringAsync($"{_app.Urls.First()}/health", TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await _app.DisposeAsync();
    }

    private sealed class Lines : ILoggerProvider
    {
        public ConcurrentQueue<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

        public void Dispose()
        {
        }

        private sealed class Writer(Lines lines, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception,
                Func<TState, Exception?, string> formatter) =>
                lines.Written.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
        }
    }
}
