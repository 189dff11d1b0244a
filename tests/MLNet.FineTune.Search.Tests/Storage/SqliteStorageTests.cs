using Microsoft.Data.Sqlite;
using MLNet.FineTune.Search.Tests.Fixtures;
using MLNet.FineTune.Tests;

namespace MLNet.FineTune.Search.Tests.Storage;

[TestClass]
public sealed class SqliteStorageTests : StorageContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("trials.db");

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Open_AgainLater_HasTheTrials()
    {
        string file = _folder.File("later.db");
        using (SearchStorage first = SearchStorage.Open(file))
        {
            first.CreateOrJoin(Studies.One);
            ClaimResult claim = first.Claim("one", new ClaimRequest("w", TimeSpan.FromMinutes(1), 3, 10), new Proposal(0, Studies.Rank(4)));
            first.Complete(claim.Lease, [0.75]);
        }

        using SearchStorage again = SearchStorage.Open($"Data Source={file}");

        Assert.AreEqual(0.75, again.GetTrials("one").Single().Values.Single());
    }

    [TestMethod]
    public void Open_FolderThatIsNotThere_IsCreated()
    {
        using SearchStorage storage = SearchStorage.Open(Path.Combine(_folder.Path, "a", "b=c", "trials.db"));

        Assert.IsTrue(System.IO.File.Exists(Path.Combine(_folder.Path, "a", "b=c", "trials.db")));
    }

    [TestMethod]
    public void Open_ForeignFile_SaysSo()
    {
        System.IO.File.WriteAllText(_folder.File("notes.txt"), new string('x', 5000));

        string message = Assert.ThrowsExactly<InvalidDataException>(() => SearchStorage.Open(_folder.File("notes.txt"))).Message;

        StringAssert.Contains(message, "notes.txt");
        StringAssert.Contains(message, "not a SQLite database");
    }

    [TestMethod]
    public void Use_DamagedFile_SaysSo()
    {
        string file = _folder.File("damaged.db");
        using (SearchStorage storage = SearchStorage.Open(file))
        {
            storage.CreateOrJoin(Studies.One);
            for (int i = 0; i < 200; i++)
                storage.Enqueue("one", Studies.Rank(i));
        }
        using (FileStream stream = System.IO.File.OpenWrite(file))
        {
            // All pages after the first, which has the schema.
            stream.Position = 4096;
            stream.Write(Enumerable.Repeat((byte)0xAB, (int)stream.Length - 4096).ToArray());
        }

        InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            using SearchStorage storage = SearchStorage.Open(file);
            storage.GetTrials("one");
        });

        StringAssert.Contains(error.Message, "damaged.db");
    }

    [TestMethod]
    public void Use_WhileAnotherHoldsTheFile_SaysSo()
    {
        string file = _folder.File("held.db");
        using SearchStorage storage = SearchStorage.Open($"Data Source={file};Default Timeout=1");
        storage.CreateOrJoin(Studies.One);
        using var other = new SqliteConnection($"Data Source={file};Pooling=False");
        other.Open();
        using SqliteTransaction held = other.BeginTransaction(deferred: false);

        string message = Assert.ThrowsExactly<IOException>(() => storage.Enqueue("one", Studies.Rank(1))).Message;

        StringAssert.Contains(message, "held.db");
        StringAssert.Contains(message, "another process has held the database for 1 seconds");
        held.Rollback();
        storage.Enqueue("one", Studies.Rank(1));
    }

    [TestMethod]
    public void Open_NewerFormat_SaysSo()
    {
        string file = _folder.File("newer.db");
        SearchStorage.Open(file).Dispose();
        Execute(file, "UPDATE finetune_schema SET version = 7");

        string message = Assert.ThrowsExactly<InvalidDataException>(() => SearchStorage.Open(file)).Message;

        StringAssert.Contains(message, "format 7");
        StringAssert.Contains(message, "Update the package");
    }

    [TestMethod]
    [DataRow("UPDATE finetune_trials SET parameters = '[1]'", "trial 0")]
    [DataRow("UPDATE finetune_trials SET parameters = '{\"a\": null}'", "trial 0")]
    [DataRow("UPDATE finetune_trials SET state = 'Lost'", "'Lost'")]
    [DataRow("UPDATE finetune_trials SET objective_values = '{}'", "list of numbers")]
    [DataRow("UPDATE finetune_studies SET objectives = '[{}]'", "study 'one' is damaged")]
    public void Read_RowThatNobodyWroteSo_SaysWhichOne(string statement, string expected)
    {
        string file = _folder.File("rows.db");
        using SearchStorage storage = SearchStorage.Open(file);
        storage.CreateOrJoin(Studies.One with { FixedTrials = [Studies.Rank(1)] });
        Execute(file, statement);

        string message = Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            storage.GetStudies();
            storage.GetTrials("one");
        }).Message;

        StringAssert.Contains(message, expected);
        StringAssert.Contains(message, "rows.db");
    }

    [TestMethod]
    public void Open_AFolder_IsAnErrorThatNamesIt() =>
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => SearchStorage.Open(_folder.Path)).Message, _folder.Path);

    private protected override SearchStorage OpenFirst() => SearchStorage.Open(File);

    private protected override SearchStorage OpenAnother(SearchStorage first) => SearchStorage.Open(File);

    private static void Execute(string file, string statement)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
