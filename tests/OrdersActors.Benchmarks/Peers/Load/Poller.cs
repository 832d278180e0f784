using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>Waits for the sockets that can be read, and for a timer. Used by one thread.</summary>
internal sealed class Poller : IDisposable
{
    private const int TimerId = -1;
    private const int MonotonicClock = 1;
    private const int AbsoluteTime = 1;
    private const int AddFile = 1;
    private const int Readable = 1;
    private const int Interrupted = 4;

    // Few, so that a timer is noticed while many sockets can be read.
    private const int Batch = 64;

    // struct epoll_event: 4 bytes of flags and 8 of data, which are packed on x86-64 only.
    private static readonly int EventInts = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 3 : 4;
    private static readonly int DataInt = EventInts - 2;

    private readonly int _epoll = Native.Checked(Native.EpollCreate(0));
    private readonly int _timer = Native.Checked(Native.TimerCreate(MonotonicClock, 0));
    private readonly int[] _events = new int[Batch * EventInts];
    private int _count;

    public Poller() => Watch(_timer, TimerId);

    /// <summary>Watches a socket until it is closed.</summary>
    public void Watch(int file, int id)
    {
        var change = new int[EventInts];
        (change[0], change[DataInt]) = (Readable, id);
        Native.Checked(Native.EpollControl(_epoll, AddFile, file, change));
    }

    /// <summary>Makes <see cref="Wait"/> return at this time and then periodically.</summary>
    /// <param name="first">A timestamp of <see cref="Stopwatch"/>.</param>
    /// <param name="nanoseconds">The period; 0 stops the timer.</param>
    public void SetTimer(long first, long nanoseconds)
    {
        const long Second = 1_000_000_000;
        Debug.Assert(Stopwatch.Frequency == Second);
        long[] times = nanoseconds == 0
            ? [0, 0, 0, 0]
            : [nanoseconds / Second, nanoseconds % Second, first / Second, first % Second];
        Native.Checked(Native.TimerSet(_timer, AbsoluteTime, times, 0));
    }

    /// <summary>Waits at most this long. Returns the ids of the sockets that can be read.</summary>
    public IEnumerable<int> Wait(int milliseconds)
    {
        _count = Native.EpollWait(_epoll, _events, Batch, milliseconds);
        if (_count < 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
            _count = 0;
        }

        Native.Checked(_count);
        for (var i = 0; i < _count; i++)
        {
            var id = _events[(i * EventInts) + DataInt];
            if (id == TimerId)
            {
                long expirations = 0;
                Native.Checked((int)Native.Read(_timer, ref expirations, sizeof(long)));
            }
            else
            {
                yield return id;
            }
        }
    }

    public void Dispose()
    {
        _ = Native.Close(_timer);
        _ = Native.Close(_epoll);
    }
}
