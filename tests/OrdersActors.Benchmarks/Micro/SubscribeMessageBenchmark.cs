using System.Text;
using BenchmarkDotNet.Attributes;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Benchmarks.Micro;

/// <summary>Parses a client's subscribe message.</summary>
public class SubscribeMessageBenchmark
{
    private static readonly byte[] One = Encoding.UTF8.GetBytes(
        """{"type":"subscribe","data":{"order_id":"order-1001"}}""");

    private byte[] _many = [];

    /// <summary>The number of orders in the message that resumes.</summary>
    [Params(1, 100)]
    public int Orders { get; set; }

    /// <summary>Makes the message that resumes.</summary>
    [GlobalSetup]
    public void MakeMessage()
    {
        var orders = Enumerable.Range(0, Orders).Select(
            i => $$"""{"order_id":"order-{{i}}","after":{{i}},"epoch":"{{SampleEvents.Epoch}}"}""");
        _many = Encoding.UTF8.GetBytes(
            $$"""{"type":"subscribe","id":"r-1","data":{"orders":[{{string.Join(',', orders)}}]} }""");
    }

    /// <summary>A subscribe to one order, without a number. Returns the number of orders.</summary>
    [Benchmark]
    public int Subscribe() => ClientMessageParser.Parse(One).Entries.Count;

    /// <summary>A subscribe that resumes several orders. Returns the number of orders.</summary>
    [Benchmark]
    public int Resume() => ClientMessageParser.Parse(_many).Entries.Count;
}
