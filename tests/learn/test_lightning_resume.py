"""What Lightning's Trainer does with a checkpoint within an epoch, beside `rojsat.learn.training`."""

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

BATCHES, SAVED = 8, 3
"""Batches of an epoch of one sample each, and those before the checkpoint."""


class Numbers(Dataset):
    """Samples that are their own numbers."""

    def __len__(self):
        return BATCHES

    def __getitem__(self, number):
        return torch.tensor([float(number)])


@pytest.mark.slow
def test_lightnings_trainer_goes_on_within_an_epoch_with_other_samples_than_were_left(tmp_path):
    """So its weights are others; `test_training` shows the same bits for ours."""
    lightning = pytest.importorskip("lightning.pytorch")

    class Recorded(lightning.LightningModule):
        """A module that notes what it is trained on."""

        def __init__(self):
            super().__init__()
            self.layer, self.numbers = nn.Linear(1, 1), []

        def training_step(self, batch, _):
            self.numbers.append(int(batch))
            return self.layer(batch).square().mean()

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.001)

    def train(checkpoint=None):
        lightning.seed_everything(0)
        module = Recorded()
        saver = lightning.callbacks.ModelCheckpoint(tmp_path, "{step}", every_n_train_steps=SAVED, save_top_k=-1)
        quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False, "accelerator": "cpu"}
        trainer = lightning.Trainer(max_epochs=1, callbacks=[saver], **quiet)
        trainer.fit(module, DataLoader(Numbers(), shuffle=True), ckpt_path=checkpoint)
        return module.numbers, module.layer.weight.item()

    numbers, weight = train()
    again, other_weight = train(tmp_path / f"step={SAVED}.ckpt")
    assert sorted(numbers) == list(range(BATCHES))
    assert sorted(numbers[:SAVED] + again) != list(range(BATCHES))  # some twice, others not at all
    assert weight != other_weight
