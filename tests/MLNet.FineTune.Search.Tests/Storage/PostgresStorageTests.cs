using MLNet.FineTune.Search.Tests.Fixtures;
using Npgsql;

namespace MLNet.FineTune.Search.Tests.Storage;

[TestClass]
public sealed class PostgresStorageTests : StorageContract
{
    private string _connectionString = "";

    [TestMethod]
    public void Open_AtOnceInAnEmptySchema_CreatesTheTablesOnce()
    {
        string schema = PostgresServer.CreateSchema();

        Task[] all = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => SearchStorage.Open(schema).Dispose()))];

        Task.WaitAll(all);
    }

    [TestMethod]
    public void Open_NewerFormat_SaysSo()
    {
        using (var connection = new NpgsqlConnection(_connectionString))
        {
            connection.Open();
            using var command = new NpgsqlCommand("UPDATE finetune_schema SET version = 7", connection);
            command.ExecuteNonQuery();
        }

        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => SearchStorage.Open(_connectionString)).Message, "format 7");
    }

    [TestMethod]
    public void Open_UserThatIsNotThere_SaysSoWithoutThePassword()
    {
        string connectionString = new NpgsqlConnectionStringBuilder(_connectionString) { Username = "stranger", Password = "s3cret" }.ConnectionString;

        string message = Assert.ThrowsExactly<IOException>(() => SearchStorage.Open(connectionString)).Message;

        StringAssert.Contains(message, "stranger");
        Assert.DoesNotContain("s3cret", message);
    }

    [TestMethod]
    public void Use_AfterTheServerDroppedTheConnections_GoesOn()
    {
        using SearchStorage storage = SearchStorage.Open(_connectionString + ";Application Name=dropped");
        storage.CreateOrJoin(Studies.One);
        using (var connection = new NpgsqlConnection(_connectionString + ";Pooling=false"))
        {
            connection.Open();
            using var command = new NpgsqlCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dropped'", connection);
            Assert.AreEqual(true, command.ExecuteScalar());
        }

        Assert.AreEqual(0, storage.Enqueue("one", Studies.Rank(1)));
    }

    private protected override SearchStorage OpenFirst() => SearchStorage.Open(_connectionString = PostgresServer.CreateSchema());

    private protected override SearchStorage OpenAnother(SearchStorage first) => SearchStorage.Open(_connectionString);
}
