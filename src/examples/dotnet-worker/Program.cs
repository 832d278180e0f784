using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrdersActors.Examples.Worker;
using OrdersActors.Publishing;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddOptions<OutboxOptions>().BindConfiguration("Outbox").ValidateDataAnnotations().ValidateOnStart();
builder.Services.AddHostedService<OutboxWorker>();
builder.Services.AddOrderStatusPublisher(options =>
{
    foreach (var gateway in GatewayAddress.ParseList(builder.Configuration["Gateways"] ?? "localhost:30000"))
    {
        options.Gateways.Add(gateway);
    }
});
await builder.Build().RunAsync();
