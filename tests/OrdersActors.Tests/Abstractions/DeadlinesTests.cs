using OrdersActors.Grains;
using OrdersActors.Publishing;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Tests.Abstractions;

/// <summary>The relations between the durations of <see cref="Deadlines"/>, and to the settings.</summary>
public class DeadlinesTests
{
    [Fact]
    public void Append_fails_where_it_waits_before_its_caller_gives_up()
    {
        AssertRising(
            Deadlines.HomeAppendWait, Deadlines.Of(Deadlines.HomeAppendCall), Deadlines.AppendRoute,
            Deadlines.Of(Deadlines.AppendCall), new OrderStatusPublisherOptions().RetryFor);
        AssertRising(Deadlines.AppendQueue, Deadlines.AppendRoute);
    }

    [Fact]
    public void Default_queue_timeouts_end_before_the_route_of_an_append() =>
        Assert.Equal(
            [Deadlines.AppendQueue, Deadlines.AppendQueue],
            [
                new SqliteStorageOptions().QueueTimeout,
                new PostgresStorageOptions { ConnectionString = "" }.QueueTimeout,
            ]);

    [Fact]
    public void Home_silo_that_died_is_avoided_until_the_cluster_knows_that_it_is_dead() =>
        AssertRising(Deadlines.SiloProbe * (Deadlines.MissedSiloProbes + 1), Deadlines.HomeAvoidance);

    [Fact]
    public void Readiness_reports_an_outage_in_time()
    {
        Assert.Equal(Deadlines.ContactMaxAge, Deadlines.ContactInterval + Deadlines.Of(Deadlines.StatusCall));
        AssertRising(Deadlines.ContactMaxAge, Deadlines.Readiness);
        // The silo's own probe, then the poll of the front end, which answers at once.
        AssertRising(Deadlines.LogProbeMaxAge + Deadlines.ContactInterval, Deadlines.Readiness);
    }

    [Fact]
    public void Clients_of_a_front_end_without_silos_leave_in_time() =>
        AssertRising(
            Deadlines.ContactMaxAge,
            Deadlines.ContactLost,
            Deadlines.ContactLost + Deadlines.ContactInterval + Deadlines.Of(Deadlines.StatusCall),
            Deadlines.ClientsLeave);

    [Fact]
    public void Epoch_is_answered_before_its_call_times_out() =>
        AssertRising(Deadlines.EpochPoll, Deadlines.EpochLag, Deadlines.Of(Deadlines.EpochCall));

    [Fact]
    public void Operators_call_outlasts_a_front_end_that_does_not_answer()
    {
        AssertRising(Deadlines.Of(Deadlines.FrontEndAnswer), Deadlines.Of(Deadlines.FrontEndsCall));
        AssertRising(
            3 * (Deadlines.FrontEndRenewal + Deadlines.Of(Deadlines.StatusCall)), Deadlines.FrontEndLease);
    }

    [Fact]
    public void Subscribe_is_answered_or_closed_before_the_client_gives_up() =>
        AssertRising(
            Deadlines.SiloProbe * (Deadlines.MissedSiloProbes + 1), Deadlines.Subscribe, Deadlines.ExamplePing);

    [Fact]
    public void Lease_outlasts_a_failed_renewal_and_its_retry()
    {
        // A lease is renewed after half of its time.
        var lease = new OrderGrainOptions().ObserverLease;
        AssertRising(Deadlines.Of(Deadlines.FrontEndCall) + Deadlines.LongestRenewalRetry, lease / 2);
    }

    [Fact]
    public void Calls_between_grains_end_before_the_front_ends_call_that_waits_for_them() =>
        AssertRising(Deadlines.Of(Deadlines.GrainCall), Deadlines.Of(Deadlines.FrontEndCall));

    [Fact]
    public void Server_stops_its_parts_before_the_whole()
    {
        AssertRising(Deadlines.StopConnections, Deadlines.StopHost);
        AssertRising(Deadlines.StopDeliveries, Deadlines.StopHost);
        AssertRising(Deadlines.StopKeyUses, Deadlines.StopHost);
        AssertRising(Deadlines.StopLog, Deadlines.StopProcess);
    }

    private static void AssertRising(params TimeSpan[] durations)
    {
        for (var i = 1; i < durations.Length; i++)
        {
            Assert.True(durations[i - 1] < durations[i], $"{durations[i - 1]} must be shorter than {durations[i]}.");
        }
    }
}
