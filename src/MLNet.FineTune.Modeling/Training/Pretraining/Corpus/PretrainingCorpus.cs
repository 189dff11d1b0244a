using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Pretraining;

/// <summary>The tokenised corpus: for the encoder, and once more for a teacher that has another vocabulary.</summary>
internal sealed class PretrainingCorpus : IDisposable
{
    private const string TeacherFolder = "teacher";

    private PretrainingCorpus(TokenStore store, TokenStore? teacherStore) => (Store, TeacherStore) = (store, teacherStore);

    public TokenStore Store { get; }

    /// <summary>The same sentences under the same numbers in the teacher's tokens; null where those are <see cref="Store"/>'s.</summary>
    public TokenStore? TeacherStore { get; }

    /// <summary>Tokenises into a folder; the stores are written anew.</summary>
    public static PretrainingCorpus Write(PretrainingTask task, PretrainedEncoder encoder, DistillationTeacher? teacher, string folder)
    {
        string? second = teacher is { SharesVocabulary: false } ? Path.Combine(folder, TeacherFolder) : null;
        TokenStoreWriter.Write(folder, task.Texts(), encoder.Tokenizer, encoder.LowerCase, task.CheckAlive,
            second is null ? null : new TokenStoreCompanion(second, teacher!.Tokenizer, teacher.LowerCase));
        TokenStore store = TokenStore.Open(folder);
        try
        {
            return new PretrainingCorpus(store, second is null ? null : TokenStore.Open(second));
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Store.Dispose();
        TeacherStore?.Dispose();
    }
}
