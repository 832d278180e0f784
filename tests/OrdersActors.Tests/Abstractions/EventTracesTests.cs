using System.Diagnostics;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Abstractions;

public sealed class EventTracesTests
{
    [Fact]
    public void Span_has_the_parent_that_came_with_the_grain_call()
    {
        using var recorder = new TraceRecorder(samplesRoots: false);
        using (var caller = EventTraces.Source.StartActivity(
            "publish", ActivityKind.Producer, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        {
            caller!.TraceStateString = "shop=1";
            EventTraces.Send();
        }

        Assert.Null(Activity.Current);
        using var span = EventTraces.Begin("append", ActivityKind.Server);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", $"{span!.TraceId}");
        Assert.Equal("shop=1", span.TraceStateString);
        Assert.True(span.HasRemoteParent);
    }

    [Fact]
    public void Nothing_is_sent_for_a_call_that_nobody_samples()
    {
        using var caller = new Activity("caller").Start();
        EventTraces.Send();
        Assert.Null(RequestContext.Get("traceparent"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    public void Span_of_an_append_without_a_valid_trace_is_not_begun(string? parent)
    {
        using var recorder = new TraceRecorder();
        Assert.Null(EventTraces.Begin("append at home", ActivityKind.Server, parent));
    }
}
