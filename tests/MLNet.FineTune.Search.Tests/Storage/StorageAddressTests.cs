using MLNet.FineTune.Tests;
using Npgsql;

namespace MLNet.FineTune.Search.Tests.Storage;

[TestClass]
public sealed class StorageAddressTests
{
    [TestMethod]
    [DataRow("postgres://me:s3%40cret@db.example:6000/my%20trials?sslmode=disable&application_name=search", "Host=db.example;Port=6000;Database=my trials;Username=me;Password=s3@cret;SSL Mode=Disable;Application Name=search")]
    [DataRow("postgresql://me@db.example/trials", "Host=db.example;Database=trials;Username=me")]
    [DataRow("postgres:///trials?host=/run/pg", "Host=/run/pg;Database=trials")]
    public void FromUri_SaysTheSameInKeywords(string uri, string keywords) =>
        Assert.IsTrue(new NpgsqlConnectionStringBuilder(keywords).EquivalentTo(new NpgsqlConnectionStringBuilder(StorageAddress.FromUri(uri))), StorageAddress.FromUri(uri));

    [TestMethod]
    [DataRow("postgres://me:s3cret@db.example:port/trials", "expected postgres://")]
    [DataRow("postgres://db.example/trials?colour=blue", "colour")]
    [DataRow("Host=db.example;Colour=blue", "colour")]
    [DataRow("Data Source=x.db;Colour=blue", "colour")]
    public void Open_AddressThatCannotBeRead_SaysWhy(string connectionString, string expected)
    {
        string message = Assert.Throws<ArgumentException>(() => SearchStorage.Open(connectionString)).Message;

        StringAssert.Contains(message, expected, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("s3cret", message);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(" ")]
    public void Open_Nothing_IsAnError(string connectionString) => Assert.ThrowsExactly<ArgumentException>(() => SearchStorage.Open(connectionString));

    [TestMethod]
    public void Open_SqliteInMemory_NeedsNoFile()
    {
        using SearchStorage storage = SearchStorage.Open("Data Source=:memory:");

        Assert.AreEqual("memory", storage.ToString());
    }

    [TestMethod]
    public void Open_RelativePath_IsNamedInFull()
    {
        using var folder = new TemporaryFolder();
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, folder.File("x.db"));
        using SearchStorage storage = SearchStorage.Open(relative);

        Assert.AreEqual(Path.GetFullPath(relative), storage.ToString());
    }
}
