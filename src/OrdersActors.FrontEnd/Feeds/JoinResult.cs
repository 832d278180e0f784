namespace OrdersActors.FrontEnd.Feeds;

/// <summary>The result of joining a feed.</summary>
internal enum JoinResult
{
    /// <summary>The listener has joined; live events reach it from the next one on.</summary>
    Joined,

    /// <summary>The grain denies access.</summary>
    Denied,

    /// <summary>
    /// The feed has just ended. The caller must retry with a new one when <see cref="Feed.PlaceFreed"/> is completed.
    /// </summary>
    Retired,
}
