using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Telemetry;

/// <summary>A collector of traces: it receives what servers send by OTLP over HTTP.</summary>
internal sealed class TraceCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<CollectedSpan> _spans = [];

    private TraceCollector()
    {
        Address = new Uri($"http://127.0.0.1:{ServerProcess.FreePorts(1)[0]}/v1/traces");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(Address.GetLeftPart(UriPartial.Authority));
        _app = builder.Build();
        _app.Run(ReceiveAsync);
    }

    /// <summary>The address that servers send to.</summary>
    public Uri Address { get; }

    /// <summary>The environment variables of a server that sends its traces here.</summary>
    public Dictionary<string, string> Variables => new()
    {
        ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = $"{Address}",
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
    };

    public static async Task<TraceCollector> StartAsync()
    {
        var collector = new TraceCollector();
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>The spans of a trace, given by its id in hexadecimal, in the order of their begins.</summary>
    public CollectedSpan[] Of(string trace) =>
        [.. _spans.Where(span => span.Trace == trace).OrderBy(span => span.Begin)];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        foreach (var resource in Message.Read(body.ToArray()).All(1))
        {
            // The attributes of the resource: key and text.
            var role = resource.All(1).SelectMany(described => described.All(1))
                .Where(attribute => attribute.Text(1) == "orders_actors.role")
                .Select(attribute => attribute.All(2).First().Text(1)).FirstOrDefault() ?? "";
            foreach (var span in resource.All(2).SelectMany(scope => scope.All(2)))
            {
                _spans.Enqueue(new CollectedSpan(
                    role, span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), span.Number(7), span.Number(8)));
            }
        }
    }

    /// <summary>A message of Protocol Buffers: the fields with their numbers.</summary>
    private sealed class Message
    {
        private readonly List<(int Field, ReadOnlyMemory<byte> Value)> _fields = [];

        public static Message Read(ReadOnlyMemory<byte> bytes)
        {
            var message = new Message();
            while (bytes.Length > 0)
            {
                var tag = ReadVarint(ref bytes);
                var length = (tag & 7) switch
                {
                    0 => 0,
                    1 => 8,
                    2 => (int)ReadVarint(ref bytes),
                    5 => 4,
                    var type => throw new InvalidDataException($"wire type {type}"),
                };
                if ((tag & 7) == 0)
                {
                    ReadVarint(ref bytes);
                }

                message._fields.Add(((int)(tag >> 3), bytes[..length]));
                bytes = bytes[length..];
            }

            return message;
        }

        public IEnumerable<Message> All(int field) =>
            _fields.Where(known => known.Field == field).Select(known => Read(known.Value));

        public string Text(int field) => Encoding.UTF8.GetString(Value(field).Span);

        public string Hex(int field) => Convert.ToHexStringLower(Value(field).Span);

        public ulong Number(int field) => BinaryPrimitives.ReadUInt64LittleEndian(Value(field).Span);

        private ReadOnlyMemory<byte> Value(int field) => _fields.Find(known => known.Field == field).Value;

        private static ulong ReadVarint(ref ReadOnlyMemory<byte> bytes)
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var next = bytes.Span[0];
                bytes = bytes[1..];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
        }
    }
}

/// <summary>A span that a server has sent.</summary>
/// <param name="Role">The role of the server.</param>
/// <param name="Trace">The id of its trace.</param>
/// <param name="Id">Its id.</param>
/// <param name="Parent">The id of its parent; empty if it has none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Begin">When it began, in nanoseconds since 1970.</param>
/// <param name="End">When it ended.</param>
internal sealed record CollectedSpan(
    string Role, string Trace, string Id, string Parent, string Name, ulong Begin, ulong End);
