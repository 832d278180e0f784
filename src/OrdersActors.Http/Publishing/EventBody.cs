using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrdersActors.Http.CloudEvents;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Publishing;

/// <summary>
/// Reads the events of a body that is one JSON text: an event or an array, or the same as CloudEvents.
/// </summary>
internal static class EventBody
{
    private delegate EventInput ItemReader(ref Utf8JsonReader reader, ReadOnlySpan<byte> json);

    /// <summary>Reads one event, or an array of events.</summary>
    /// <exception cref="ProblemException">
    /// 400: the text or a field is wrong. 413: there are too many events.
    /// </exception>
    public static EventsOfRequest Read(ReadOnlySpan<byte> json, int maxEvents) =>
        json.TrimStart(" \t\r\n"u8) is [(byte)'[', ..]
            ? ReadList(json, maxEvents, OrderStatusEventJson.Read, EventFields.Native)
            : ReadOne(json, OrderStatusEventJson.Read, EventFields.Native);

    /// <summary>Reads one CloudEvent in structured mode.</summary>
    /// <exception cref="ProblemException">400: the text or an attribute is wrong.</exception>
    public static EventsOfRequest ReadCloudEvent(ReadOnlySpan<byte> json) =>
        ReadOne(json, CloudEventJson.Read, EventFields.CloudEvent);

    /// <summary>Reads an array of CloudEvents in structured mode.</summary>
    /// <exception cref="ProblemException">
    /// 400: the text or an attribute is wrong. 413: there are too many events.
    /// </exception>
    public static EventsOfRequest ReadCloudEvents(ReadOnlySpan<byte> json, int maxEvents) =>
        ReadList(json, maxEvents, CloudEventJson.Read, EventFields.CloudEvent);

    /// <summary>Reads a CloudEvent in binary mode.</summary>
    /// <exception cref="ProblemException">400: a header or the body is wrong.</exception>
    public static EventsOfRequest ReadBinaryCloudEvent(IHeaderDictionary headers, ReadOnlySpan<byte> data)
    {
        RefuseEmpty(data);
        try
        {
            return new EventsOfRequest(
                [CloudEventHeaders.Read(headers, data)], IsList: false, EventFields.BinaryCloudEvent);
        }
        catch (Exception e) when (Wrap(e, data) is { } problem)
        {
            throw EventProblem.Of(problem, EventFields.BinaryCloudEvent);
        }
    }

    private static EventsOfRequest ReadOne(ReadOnlySpan<byte> json, ItemReader read, EventFields fields)
    {
        RefuseEmpty(json);
        try
        {
            var reader = new Utf8JsonReader(json, OrderStatusEventJson.ReaderOptions);
            reader.Read();
            var input = ReadItem(ref reader, json, read);
            reader.Read(); // Fails if more follows.
            return new EventsOfRequest([input], IsList: false, fields);
        }
        catch (Exception e) when (Wrap(e, json) is { } problem)
        {
            throw EventProblem.Of(problem, fields);
        }
    }

    private static EventsOfRequest ReadList(
        ReadOnlySpan<byte> json, int maxEvents, ItemReader read, EventFields fields)
    {
        RefuseEmpty(json);
        var inputs = new List<EventInput>();
        try
        {
            var reader = new Utf8JsonReader(json, OrderStatusEventJson.ReaderOptions);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new ProblemException(400, ProblemCode.InvalidEvent, "the body must be a JSON array of events");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (inputs.Count == maxEvents)
                {
                    throw new ProblemException(413, ProblemCode.TooLarge,
                        $"the array must have at most {maxEvents} events; send JSON lines for more");
                }

                inputs.Add(ReadItem(ref reader, json, read));
            }

            reader.Read(); // Fails if more follows.
        }
        catch (Exception e) when (Wrap(e, json) is { } problem)
        {
            throw EventProblem.Of(problem, fields, index: inputs.Count);
        }

        return inputs.Count > 0
            ? new EventsOfRequest(inputs, IsList: true, fields)
            : throw new ProblemException(400, ProblemCode.InvalidEvent, "the array must have at least one event");
    }

    private static EventInput ReadItem(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ItemReader read) =>
        reader.TokenType == JsonTokenType.StartObject
            ? read(ref reader, json)
            : throw new EventJsonException("must be a JSON object");

    private static void RefuseEmpty(ReadOnlySpan<byte> json)
    {
        if (json.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            throw new ProblemException(400, ProblemCode.InvalidEvent, "the body is empty; it must be a JSON object");
        }
    }

    /// <summary>Returns an exception that has an answer, or null for a fault.</summary>
    private static Exception? Wrap(Exception e, ReadOnlySpan<byte> json) =>
        EventProblem.Is(e) ? e
        : OrderStatusEventJson.Problem(e, json) is { } problem ? new EventJsonException(problem)
        : null;
}
