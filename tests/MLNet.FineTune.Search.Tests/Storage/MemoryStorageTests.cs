namespace MLNet.FineTune.Search.Tests.Storage;

[TestClass]
public sealed class MemoryStorageTests : StorageContract
{
    [TestMethod]
    public void InMemory_Twice_AreTwoStorages()
    {
        using SearchStorage a = SearchStorage.InMemory(), b = SearchStorage.InMemory();
        a.CreateOrJoin(Fixtures.Studies.One);

        Assert.HasCount(1, a.GetStudies());
        Assert.IsEmpty(b.GetStudies());
    }

    private protected override SearchStorage OpenFirst() => SearchStorage.InMemory();

    private protected override SearchStorage OpenAnother(SearchStorage first) => first;
}
