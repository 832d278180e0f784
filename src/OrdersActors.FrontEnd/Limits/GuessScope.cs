namespace OrdersActors.FrontEnd.Limits;

/// <summary>The budget that limits a guess.</summary>
internal enum GuessScope
{
    /// <summary>The connection has guessed too often. The guess was refused.</summary>
    Connection,

    /// <summary>The address has guessed too often. The guess was refused.</summary>
    Address,

    /// <summary>All clients with the key have guessed too often together. The answer was delayed.</summary>
    Key,
}
