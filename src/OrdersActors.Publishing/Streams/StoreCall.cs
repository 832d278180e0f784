namespace OrdersActors.Publishing.Streams;

/// <summary>
/// Stores events through a writer grain and returns what was stored, also through a silo of a previous version.
/// </summary>
/// <remarks>
/// A silo of a previous version does not know <see cref="IEventWriterGrain.Store"/>. Then the events are looked up
/// before they are appended, which finds the repeats, and the others are looked up afterwards. That takes up to two
/// reads for each event. So the next calls do the same for a minute, and then one of them tries the method again. If
/// two publishers store the same event at the same moment, both may be told that it was new.
/// <para>Thread-safe.</para>
/// </remarks>
internal sealed class StoreCall(TimeProvider time)
{
    private const int MaxConcurrentReads = 32;

    private static readonly TimeSpan AvoidanceTime = TimeSpan.FromMinutes(1);

    // The timestamp of the last call that the silo did not know; 0 if there was none.
    private long _unknownAt;

    private bool IsAvoided =>
        Volatile.Read(ref _unknownAt) is not 0 and var unknownAt && time.GetElapsedTime(unknownAt) < AvoidanceTime;

    /// <summary>Like <see cref="IEventWriterGrain.Store"/>.</summary>
    public async Task<PublishedEvent[]> StoreAsync(
        IEventWriterGrain writer, string organizationId, OrderStatusEvent[] events)
    {
        if (!IsAvoided)
        {
            try
            {
                return await writer.Store(organizationId, events);
            }
            catch (Exception e) when (UnknownMethod.Is(e))
            {
                Volatile.Write(ref _unknownAt, time.GetTimestamp());
            }
        }

        return await AppendAsync(writer, organizationId, events);
    }

    private static async Task<PublishedEvent[]> AppendAsync(
        IEventWriterGrain writer, string organizationId, OrderStatusEvent[] events)
    {
        var answer = new PublishedEvent[events.Length];
        await FindAsync(isRepeat: true);
        await writer.Append(organizationId, events);
        await FindAsync(isRepeat: false);
        var ids = new HashSet<string>(events.Length);
        for (var i = 0; i < answer.Length; i++)
        {
            answer[i] = ids.Add(events[i].Id) ? answer[i] : answer[i] with { IsRepeat = true };
        }

        return answer;

        async Task FindAsync(bool isRepeat)
        {
            foreach (var indexes in Enumerable.Range(0, events.Length)
                .Where(i => answer[i].Id is null).Chunk(MaxConcurrentReads))
            {
                var found = await Task.WhenAll(indexes.Select(i => writer.Find(organizationId, events[i].Id)));
                for (var i = 0; i < found.Length; i++)
                {
                    if (found[i] is { } e)
                    {
                        answer[indexes[i]] = new PublishedEvent(e.Id, e.Version, e.Sequence, isRepeat);
                    }
                    else if (!isRepeat)
                    {
                        throw new EventLogUnavailableException("the stored event cannot be found");
                    }
                }
            }
        }
    }
}
