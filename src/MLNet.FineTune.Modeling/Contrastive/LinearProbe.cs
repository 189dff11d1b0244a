using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>
/// Linear probing, then fine-tuning (LP-FT, Kumar et al. 2022, arXiv 2202.10054): the head is fitted on the embeddings of the encoder
/// as it is, so that fine-tuning does not begin by bending the encoder to a random head.
/// </summary>
internal static class LinearProbe
{
    /// <summary>Sets the head of an attached, untrained model, where the task asks for it.</summary>
    public static void Apply(FineTuneRun run)
    {
        if (run.Task.LinearProbe is not { } create)
            return;
        var model = new EmbeddingModel(run.Adapter);
        model.Mode.Evaluate(() =>
        {
            model.SetHead(create(run.Task).Fit(model.Embed(run.Rows, run.Task), validation: null, run.Task.CheckAlive));
            return true;
        });
    }
}
