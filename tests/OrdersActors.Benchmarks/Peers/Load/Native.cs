using System.ComponentModel;
using System.Runtime.InteropServices;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>
/// The system calls of the load process. One thread reads thousands of sockets with epoll, which costs less than the
/// sockets of .NET, whose events pass through several threads.
/// </summary>
internal static class Native
{
    private const int InternetAddresses = 2;
    private const int Stream = 1;
    private const int Tcp = 6;
    private const int NoDelay = 1;
    private const int SocketLevel = 1;
    private const int ReceiveBuffer = 8;
    private const int Linger = 13;
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int WouldBlock = 11;
    private const int Interrupted = 4;

    /// <summary>Connects to a port on 127.0.0.1. On loopback the kernel answers at once.</summary>
    /// <param name="port">The port.</param>
    /// <param name="buffer">The size of the receive buffer in bytes; null for the kernel's choice.</param>
    public static int Connect(int port, int? buffer = null)
    {
        var socket = Checked(CreateSocket(InternetAddresses, Stream, 0));
        if (buffer is { } bytes)
        {
            // Before the connect, because it limits what the connection offers to the server.
            int[] size = [bytes];
            Checked(SetOption(socket, SocketLevel, ReceiveBuffer, size, sizeof(int)));
        }

        byte[] address = [InternetAddresses, 0, (byte)(port >> 8), (byte)port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        Checked(ConnectSocket(socket, address, address.Length));
        int[] on = [1];
        Checked(SetOption(socket, Tcp, NoDelay, on, sizeof(int)));
        return socket;
    }

    /// <summary>Sends all bytes; waits while the buffer of the socket is full.</summary>
    public static void Send(int socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = SendBytes(socket, ref MemoryMarshal.GetReference(bytes), bytes.Length, NoSignal);
            if (sent < 0 && Marshal.GetLastPInvokeError() == Interrupted)
            {
                continue;
            }

            Checked((int)sent);
            bytes = bytes[(int)sent..];
        }
    }

    /// <summary>Receives what is there. Null if nothing is there, 0 if the other side has ended.</summary>
    public static int? Receive(int socket, Span<byte> buffer)
    {
        var received = ReceiveBytes(socket, ref MemoryMarshal.GetReference(buffer), buffer.Length, DontWait);
        if (received < 0 && Marshal.GetLastPInvokeError() is WouldBlock or Interrupted)
        {
            return null;
        }

        return Checked((int)received);
    }

    /// <summary>Closes with a reset, so that the local port is free at once.</summary>
    public static void Reset(int socket)
    {
        int[] atOnce = [1, 0];
        Checked(SetOption(socket, SocketLevel, Linger, atOnce, 2 * sizeof(int)));
        Checked(Close(socket));
    }

    /// <summary>Returns a result, or throws the error of the system call.</summary>
    public static int Checked(int result) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    public static extern int Close(int file);

    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    public static extern nint Read(int file, ref long value, nint count);

    [DllImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static extern int EpollCreate(int flags);

    [DllImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static extern int EpollControl(int epoll, int operation, int file, int[] change);

    [DllImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static extern int EpollWait(int epoll, [In, Out] int[] events, int count, int milliseconds);

    [DllImport("libc", EntryPoint = "timerfd_create", SetLastError = true)]
    public static extern int TimerCreate(int clock, int flags);

    [DllImport("libc", EntryPoint = "timerfd_settime", SetLastError = true)]
    public static extern int TimerSet(int timer, int flags, long[] times, nint previous);

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static extern int CreateSocket(int family, int type, int protocol);

    [DllImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static extern int ConnectSocket(int socket, byte[] address, int length);

    [DllImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static extern int SetOption(int socket, int level, int name, int[] value, int length);

    [DllImport("libc", EntryPoint = "send", SetLastError = true)]
    private static extern nint SendBytes(int socket, ref byte bytes, nint length, int flags);

    [DllImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static extern nint ReceiveBytes(int socket, ref byte buffer, nint length, int flags);
}
