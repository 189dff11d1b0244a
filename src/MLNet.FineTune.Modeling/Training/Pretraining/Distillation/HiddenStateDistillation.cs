using MLNet.FineTune.Encoders;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Pretraining;

/// <summary>The mean over real tokens and compared states of the difference between student and teacher (TinyBERT; Jiao et al. 2019, arXiv 1909.10351).</summary>
internal sealed class HiddenStateDistillation(HiddenStateMatch match, double weight, EncoderConfig student, EncoderConfig teacher) : IPretrainingLoss
{
    // One for all layers, as TinyBERT has it.
    private readonly WidthProjection? _projection = WidthProjection.Between(student.HiddenSize, teacher.HiddenSize, student.Device);

    public string Name => "distill-hidden";

    public double Weight => weight;

    public nn.Module? Module => _projection;

    public bool NeedsHiddenStates => true;

    /// <summary>The teacher's state that each of the student's learns from, 0 for the embeddings: the one at the same relative depth.</summary>
    public static int[] TeacherStates(int studentLayers, int teacherLayers) => studentLayers == 0
        ? [teacherLayers]
        : [.. Enumerable.Range(0, studentLayers + 1).Select(state => (int)Math.Round((double)state * teacherLayers / studentLayers, MidpointRounding.AwayFromZero))];

    public Tensor Compute(EncodedBatch batch)
    {
        Tensor? sum = null;
        for (int i = 0; i < batch.Stretches.Count; i++)
        {
            EncodedStretch stretch = batch.Stretches[i];
            Tensor? mask = stretch.Input.Mask?.to(ScalarType.Float32);
            for (int state = 0; state < stretch.Output.HiddenStates.Count; state++)
            {
                Tensor mine = stretch.Output.HiddenStates[state], theirs = batch.Teacher!.States[i][state].to(ScalarType.Float32);
                mine = (_projection is null ? mine : _projection.Forward(mine)).to(ScalarType.Float32);
                Tensor difference = Difference(mine, theirs); // [texts, length]
                difference = (mask is null ? difference : difference * mask).sum();
                sum = sum is null ? difference : sum.Add(difference);
            }
        }
        double compared = (double)batch.Texts.Sum(text => text.Length) * batch.Stretches[0].Output.HiddenStates.Count;
        return sum!.Div(compared);
    }

    private Tensor Difference(Tensor mine, Tensor theirs) => match == HiddenStateMatch.Cosine
        ? functional.cosine_similarity(mine, theirs, dim: -1, eps: 1e-8).Rsub(1)
        : (mine - theirs).Square().mean([-1]);
}
