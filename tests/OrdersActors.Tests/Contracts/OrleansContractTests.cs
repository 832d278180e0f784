using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Contracts;

/// <summary>
/// Compares the Orleans wire contract with its snapshot. Silos, front ends and publishers of the previous version run
/// beside this one during a rolling upgrade, so the contract may only grow.
/// </summary>
public class OrleansContractTests
{
    [Fact]
    public void Contract_is_the_one_in_the_snapshot() =>
        Snapshot.Verify("Contracts/OrleansContract.txt", OrleansContract.Describe(ProductAssemblies.All));
}
