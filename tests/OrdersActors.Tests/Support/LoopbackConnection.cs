using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace OrdersActors.Tests.Support;

/// <summary>
/// One end of a TCP connection, in the form in which Orleans passes connections through its middleware.
/// </summary>
internal sealed class LoopbackConnection : IDuplexPipe, IDisposable
{
    private readonly NetworkStream _stream;

    public LoopbackConnection(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        Input = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true));
        Output = PipeWriter.Create(_stream, new StreamPipeWriterOptions(leaveOpen: true));
        Context = new DefaultConnectionContext
        {
            Transport = this,
            RemoteEndPoint = socket.RemoteEndPoint,
            LocalEndPoint = socket.LocalEndPoint,
        };
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public ConnectionContext Context { get; }

    /// <summary>Connects two sockets.</summary>
    /// <param name="receiveBuffer">The size of the client's receive buffer in bytes; null for the default.</param>
    public static async Task<(Socket Client, Socket Server)> PairAsync(int? receiveBuffer = null)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } size)
        {
            client.ReceiveBufferSize = size;
        }

        await client.ConnectAsync(listener.LocalEndpoint);
        return (client, await listener.AcceptSocketAsync());
    }

    public void Dispose() => _stream.Dispose();
}
