using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>
/// Receives triggers on a thread of its own, which costs a server the least: one blocking read for all triggers that
/// have arrived.
/// </summary>
internal sealed class TriggerListener(int port, Action<Trigger> onTrigger)
{
    private const int MostAtOnce = 1024;

    /// <summary>Listens. A failure on the thread ends the process.</summary>
    public void Start()
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        new Thread(() => Run(listener)) { IsBackground = true, Name = "triggers" }.Start();
    }

    private void Run(TcpListener listener)
    {
        while (true)
        {
            using var socket = listener.AcceptSocket();
            var buffer = new byte[MostAtOnce * Trigger.Size];
            for (int filled = 0, read; (read = socket.Receive(buffer.AsSpan(filled))) > 0;)
            {
                filled += read;
                var start = 0;
                for (; filled - start >= Trigger.Size; start += Trigger.Size)
                {
                    onTrigger(Trigger.Read(buffer.AsSpan(start)));
                }

                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                filled -= start;
            }
        }
    }
}
