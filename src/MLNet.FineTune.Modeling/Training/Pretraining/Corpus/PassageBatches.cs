namespace MLNet.FineTune.Pretraining;

/// <summary>Reads the passages of a batch, and hides tokens of the anchors.</summary>
/// <remarks>
/// Tokens are hidden on the anchor's side only: there the encoder learns from what is left, and the positive's embedding
/// is that of a whole text, as later in use.
/// </remarks>
/// <param name="rows">All rows of the training.</param>
/// <param name="reader">Reads passages.</param>
/// <param name="paired">Whether positives are read too.</param>
/// <param name="masking">Hides tokens; null for none.</param>
internal sealed class PassageBatches(IReadOnlyList<PassagePair> rows, PassageReader reader, bool paired, TokenMasking? masking)
{
    public PassageBatch Read(int[] batch, Random random)
    {
        Passage[] passages = [.. batch.Select(row => rows[row].Anchor), .. paired ? batch.Select(row => rows[row].Positive) : []];
        PassageTokens[] read = [.. passages.Select(reader.Read)];
        int[][] inputs = [.. read.Select(passage => passage.Ids)];
        if (masking is null)
            return new PassageBatch(passages, inputs, inputs, []);
        // Masking writes into the ids: what else looks at a text wants the whole one.
        int[][] texts = [.. inputs.Select((ids, text) => text < batch.Length ? (int[])ids.Clone() : ids)];
        var targets = new List<(int Position, int Id)>[batch.Length];
        for (int row = 0; row < batch.Length; row++)
            masking.Apply(read[row], random, targets[row] = []);
        return new PassageBatch(passages, texts, inputs, targets);
    }
}

/// <summary>The texts of a batch.</summary>
/// <param name="Passages">Where they are from: anchors, then positives.</param>
/// <param name="Texts">Their tokens.</param>
/// <param name="Inputs">What the encoder sees of them.</param>
/// <param name="Targets">What was hidden of each anchor; empty when nothing is masked.</param>
internal sealed record PassageBatch(Passage[] Passages, int[][] Texts, int[][] Inputs, IReadOnlyList<List<(int Position, int Id)>> Targets);
