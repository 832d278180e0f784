using System.Net;
using System.Net.Sockets;
using OrdersActors.Publishing;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>
/// The process that publishes the events of OrdersActors with the publishing library. Each event is one call, as a
/// service makes it, and calls overlap. A call that fails ends the process.
/// </summary>
internal sealed class PublisherProcess(IOrderStatusPublisher publisher)
{
    public const string Organization = "shop";
    private readonly TaskCompletionSource _failed = new();

    public static async Task RunAsync(int gatewayPort, int triggerPort)
    {
        await using var service = await PublishingService.ConnectAsync(gatewayPort);
        await new PublisherProcess(service.Publisher).ListenAsync(triggerPort);
    }

    private async Task ListenAsync(int triggerPort)
    {
        using var listener = new TcpListener(IPAddress.Loopback, triggerPort);
        listener.Start();
        Console.WriteLine(PeerProcess.ReadyLine);
        using var socket = await listener.AcceptSocketAsync();
        // A blocking read costs one wake-up for each event. An asynchronous one would cost two, and they would count as
        // the library's.
        var reading = Task.Factory.StartNew(
            () => Read(socket), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await await Task.WhenAny(_failed.Task, reading);
    }

    private void Read(Socket socket)
    {
        const int MostAtOnce = 1024;
        var buffer = new byte[MostAtOnce * Trigger.Size];
        for (int filled = 0, read; (read = socket.Receive(buffer.AsSpan(filled))) > 0;)
        {
            filled += read;
            var start = 0;
            for (; filled - start >= Trigger.Size; start += Trigger.Size)
            {
                // A failure is reported through _failed.
                _ = PublishAsync(Trigger.Read(buffer.AsSpan(start)));
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }
    }

    private async Task PublishAsync(Trigger trigger)
    {
        try
        {
            await publisher.PublishAsync(Organization, new OrderStatusEvent
            {
                OrderId = EventPayload.OrderId(trigger.Topic),
                Status = "moving",
                Details = EventPayload.Details(trigger.Due),
            });
        }
        catch (Exception e)
        {
            _failed.TrySetException(e);
        }
    }
}
